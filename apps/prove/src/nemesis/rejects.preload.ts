/** A mistake of the kind that nobody foresees: a promise that nobody waits for is rejected, while the service works. */
process.on('SIGUSR2', () => void Promise.reject(new Error('nobody waits for this')));
