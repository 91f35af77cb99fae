export { type Output } from './answer.js';
export { type CliRun, runCli } from './run-cli.js';
