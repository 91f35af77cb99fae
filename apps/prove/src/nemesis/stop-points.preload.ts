import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { replaceMethod } from '../planted/replace-method.js';
import { stopFiles, stopFolder } from './config.js';

/** Places at which an ingestion can be made to stop itself, once, as SIGSTOP from outside would by chance. */
const folder = stopFolder();

interface Transaction {
  readonly position: number;
}

type Work = (tx: Transaction) => Promise<unknown>;

/** Answers whether it stopped here (and went on after SIGCONT). */
function stopAt(point: string): boolean {
  if (folder === null) return false;
  const { asked, stopped } = stopFiles(folder, point);
  if (!existsSync(asked)) return false;
  rmSync(asked);
  writeFileSync(stopped, String(process.pid));
  process.kill(process.pid, 'SIGSTOP');
  return true;
}

function report(point: string, written: number | null): void {
  if (folder !== null) writeFileSync(stopFiles(folder, point).ended, JSON.stringify({ written }));
}

await replaceMethod(
  { file: 'libs/event-store/dist/event-store.js', className: 'EventStore', method: 'transact' },
  (original) =>
    async function (lane, work) {
      let point = stopAt('before-begin') ? 'before-begin' : null;
      let written = 0;
      const stoppingWork: Work = async (tx) => {
        const before = tx.position;
        const result = await (work as Work)(tx);
        written = tx.position - before;
        if (stopAt('in-transaction')) point = 'in-transaction';
        return result;
      };
      try {
        const result = await original.call(this, lane, stoppingWork);
        if (point !== null) report(point, written);
        if (stopAt('after-commit')) report('after-commit', 0);
        return result;
      } catch (error) {
        if (point !== null) report(point, null);
        throw error;
      }
    },
);
