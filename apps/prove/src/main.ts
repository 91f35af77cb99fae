import { readConfig } from './config.js';
import { runProof } from './proof.js';

/** `npm run prove -- [--bus embedded|kafka|both] [--only I01,I05] [--seed 7] [--soak [minutes]]` */
try {
  process.exit((await runProof(readConfig(process.argv.slice(2)))) ? 0 : 1);
} catch (error) {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
}
