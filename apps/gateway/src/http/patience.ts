import { type Socket } from 'node:net';

const patient = new WeakSet<Socket>();

/** Lets the request that comes over this socket take as long as it needs; the answer ends that. */
export function bePatientWith(socket: Socket): () => void {
  patient.add(socket);
  return () => {
    patient.delete(socket);
  };
}

/** Whether the request that comes over this socket may take as long as it needs. */
export function isPatientWith(socket: Socket): boolean {
  return patient.has(socket);
}
