import { describePartners, PARTNER_SCHEMAS } from './partners.asyncapi.js';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}
table{border-collapse:collapse}td,th{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #ddd;vertical-align:top}
pre{background:#f4f4f4;padding:1rem;overflow:auto}`;

/** Why a record of a partner becomes a dead letter, most often. */
const REASONS: readonly (readonly [codes: string, words: string])[] = [
  ['malformed_json, invalid_utf8, duplicate_key, too_deep', 'It is no JSON as it has to be'],
  ['missing_field, wrong_type, bad_timestamp, out_of_range …', 'A field breaks the rules below'],
  ['nul_character, lone_surrogate, unsafe_number', 'It holds what could not be kept as sent'],
  ['tenant_mismatch', 'It names another tenant than the one whose topic it came by'],
  ['conversation_not_found', 'A message waited for 24 hours, and its conversation did not come'],
  ['conversation_deleted', 'Its conversation was deleted, and nothing revives it'],
  [
    'undecodable_batch',
    'Its batch can’t be opened: unknown codec, damaged, or too large when expanded',
  ],
];

/** What is shown of a schema. */
interface Shown {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly (string | null)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Shown>>;
  readonly items?: Shown;
  readonly examples?: readonly object[];
}

/** The description of partners' topics as a page for people, without a program on it. */
export function kafkaPage(): string {
  const { info, channels } = describePartners() as {
    info: { title: string; description: string };
    channels: { conversations: { address: string } };
  };
  const paragraphs = info.description.split('\n\n').map((words) => `<p>${escaped(words)}</p>`);
  const reasons = REASONS.map(([codes, words]) => row([code(codes), escaped(words)]));
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(info.title)}</title>
<style>${STYLE}</style></head><body>
<h1>${escaped(info.title)}</h1>
<p>Topic ${code(channels.conversations.address)}. <a href="../asyncapi.json">AsyncAPI</a>, JSON Schema of
${Object.keys(PARTNER_SCHEMAS)
  .map((name) => `<a href="../schemas/${name}.json">${name}</a>`)
  .join(' and ')}; the <a href="../docs">API over HTTP</a>.</p>
${paragraphs.join('\n')}
${Object.values(PARTNER_SCHEMAS as Readonly<Record<string, Shown>>)
  .map(sectionOf)
  .join('\n')}
<h2>What can’t be taken</h2>
<table>${reasons.join('')}</table>
</body></html>
`;
}

function sectionOf(schema: Shown): string {
  const { title = '', examples = [] } = schema;
  const shown = examples.map(
    (example) => `<pre>${escaped(JSON.stringify(example, null, 2))}</pre>`,
  );
  return `<h2>${escaped(title)}</h2>\n<table>${fieldRows(schema, '').join('')}</table>\n${shown.join('\n')}`;
}

/** A row a field, those of what it holds after it. */
function fieldRows({ properties = {}, required = [] }: Shown, before: string): string[] {
  return Object.entries(properties).flatMap(([name, field]) => [
    row([
      code(before + name),
      escaped(limitsOf(field)),
      required.includes(name) ? 'required' : 'optional',
      escaped(field.description ?? ''),
    ]),
    ...fieldRows(field, `${before}${name}.`),
    ...fieldRows(field.items ?? {}, `${before}${name}[].`),
  ]);
}

function limitsOf({ type, format, enum: choices, minimum, maximum, maxLength }: Shown): string {
  const kind = [type].flat()[0] ?? '';
  if (choices) return choices.filter((choice) => choice !== null).join(', ');
  if (format) return 'RFC 3339 time with a zone';
  if (maximum !== undefined) return `${kind}, ${minimum ?? 0} to ${maximum}`;
  return maxLength === undefined ? kind : `${kind}, 1 to ${maxLength} characters`;
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

function code(text: string): string {
  return `<code>${escaped(text)}</code>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
