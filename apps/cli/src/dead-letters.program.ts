import { type Command } from 'commander';
import {
  discardLetter,
  type LetterFilter,
  listLetters,
  redriveLetters,
  showLetter,
} from './dead-letters.commands.js';
import { type Perform } from './program.js';

type OfTenant = { readonly tenant: string };

/** Adds `dead-letters`. */
export function addDeadLetters(parley: Command, perform: Perform): void {
  const letters = parley
    .command('dead-letters')
    .description('records of a tenant that could not be applied');
  const ofTenant = (name: string, words: string) =>
    letters
      .command(name)
      .description(words)
      .requiredOption('--tenant <name>', 'name or id of the tenant');
  const filtered = (command: Command) =>
    command
      .option('--reason <code>', 'those of one reason')
      .option('--door <door>', 'those of one door')
      .option('--limit <n>', 'at most so many', '50');
  filtered(ofTenant('list', 'the newest first')).action((filter: LetterFilter) =>
    perform((at) => listLetters(at, filter)),
  );
  ofTenant('show', 'one with its bytes')
    .argument('<id>')
    .action((id: string, { tenant }: OfTenant) => perform((at) => showLetter(at, tenant, id)));
  filtered(ofTenant('redrive', 'try one again, or all of a filter; harmless when repeated'))
    .argument('[id]')
    .action((id: string | undefined, filter: LetterFilter) =>
      perform((at) => redriveLetters(at, filter, id)),
    );
  ofTenant('discard', 'take one away for good')
    .argument('<id>')
    .option('--note <text>', 'why; kept with who did it')
    .action((id: string, options: OfTenant & { readonly note?: string }) =>
      perform((at) => discardLetter(at, options, id)),
    );
}
