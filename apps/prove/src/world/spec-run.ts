import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const JEST = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
const FLAGS = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

/** What became of one case: the names of what it is in, its own last. */
export interface SpecCase {
  readonly file: string;
  readonly path: readonly string[];
  readonly hasPassed: boolean;
  readonly isSkipped: boolean;
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

/** Specs in a process of their own, with the servers that they start for themselves. */
export class SpecRun {
  private readonly child: ChildProcess;
  private readonly report: string;
  private readonly endWithUs = () => this.end();

  /** `files` from the root of the workspace; report and output go to the folder `home`. */
  constructor(files: readonly string[], home: string) {
    this.report = join(home, 'specs.json');
    const output = openSync(join(home, 'logs', 'specs.log'), 'a');
    const args = ['--json', `--outputFile=${this.report}`, ...files];
    this.child = spawn(process.execPath, [...FLAGS, JEST, ...args], {
      cwd: ROOT,
      stdio: ['ignore', output, output],
      // A group of its own, so that the servers end with it.
      detached: true,
    });
    closeSync(output);
    process.once('exit', this.endWithUs);
  }

  /** All their cases, once they are through; throws where they could not be run. */
  async cases(): Promise<readonly SpecCase[]> {
    await once(this.child, 'exit');
    const { testResults } = JSON.parse(await readFile(this.report, 'utf8')) as Report;
    return testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ ancestorTitles, title, status }) => ({
        file: name,
        path: [...ancestorTitles, title],
        hasPassed: status === 'passed',
        isSkipped: status === 'pending' || status === 'todo',
      })),
    );
  }

  end(): void {
    process.off('exit', this.endWithUs);
    const { pid, exitCode, signalCode } = this.child;
    // What PostgreSQL takes for the wish to end at once.
    if (pid && exitCode === null && signalCode === null) process.kill(-pid, 'SIGINT');
  }
}
