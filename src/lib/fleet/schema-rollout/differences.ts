/** One object of a schema that is not as it should be. */
export interface Difference {
  /** `column`, `policy`, `function`, … */
  kind: string;
  /** `public.events.title`, `public.events invoices_paid`, … */
  name: string;
  change: 'missing' | 'unexpected' | 'changed';
  /** For a changed object: the part that differs. */
  expected?: string;
  found?: string;
}

const KINDS = [
  'default privilege',
  'schema',
  'role',
  'relation',
  'column',
  'constraint',
  'index',
  'policy',
  'trigger',
  'function',
  'type',
  'sequence',
];
/** Around the first difference. */
const SHOWN = 100;

/** @param expected, found lines of `readCatalog` */
export function differences(expected: readonly string[], found: readonly string[]): Difference[] {
  const [wanted, there] = [objectsOf(expected), objectsOf(found)];
  const all: Difference[] = [];
  for (const [key, object] of wanted) {
    const other = there.get(key);
    if (!other) all.push({ kind: object.kind, name: object.name, change: 'missing' });
    else if (other.text !== object.text)
      all.push({
        kind: object.kind,
        name: object.name,
        change: 'changed',
        ...shown(object.text, other.text),
      });
  }
  for (const [key, { kind, name }] of there) {
    if (!wanted.has(key)) all.push({ kind, name, change: 'unexpected' });
  }
  return all.sort((one, other) => (`${one.kind} ${one.name}` < `${other.kind} ${other.name}` ? -1 : 1));
}

/** What a migration could fail at, or tenants be harmed by; an additional index or table is the operator's own matter. */
export function isHarmful({ change, kind }: Difference): boolean {
  return change !== 'unexpected' || kind === 'policy' || kind === 'trigger' || kind === 'constraint';
}

/** One line a difference. */
export function describeDifference({ kind, name, change, expected, found }: Difference): string {
  if (change !== 'changed') return `${change}: ${kind} ${name}`;
  return `changed: ${kind} ${name}\n    expected  ${expected}\n    found     ${found}`;
}

/** The lines of a catalog but for those of these objects. */
export function withoutObjects(lines: readonly string[], objects: readonly Difference[]): string[] {
  const left = new Set(objects.map(({ kind, name }) => `${kind} ${name}`));
  return lines.filter((line) => {
    const { kind, name } = objectOf(line);
    return !left.has(`${kind} ${name}`);
  });
}

interface SchemaObject {
  kind: string;
  name: string;
  text: string;
}

function objectsOf(lines: readonly string[]): Map<string, SchemaObject> {
  return new Map(lines.map(objectOf).map((object) => [`${object.kind} ${object.name}`, object]));
}

function objectOf(line: string): SchemaObject {
  const kind = KINDS.find((one) => line.startsWith(`${one} `)) ?? line.split(' ')[0] ?? '';
  const rest = line.slice(kind.length + 1);
  return { kind, name: nameOf(kind, rest), text: kind === 'column' ? withoutPlace(rest) : rest };
}

function nameOf(kind: string, text: string): string {
  const [first = '', second = '', third = ''] = text.split(' ');
  if (kind === 'column') return `${first}.${third}`;
  if (kind === 'constraint' || kind === 'policy') return `${first} ${second}`;
  if (kind === 'trigger') return `${first} ${/ TRIGGER ("[^"]+"|\S+)/.exec(text)?.[1] ?? ''}`;
  if (kind === 'function')
    return /(?:FUNCTION|PROCEDURE) (\S+?\(.*?\))(?: RETURNS| LANGUAGE|$)/.exec(text)?.[1] ?? first;
  return first.replace(/ ?\[.*$/, '');
}

/** A column that was dropped moves those after it. */
function withoutPlace(text: string): string {
  return text.replace(/^(\S+) \d+ /, '$1 ');
}

function shown(expected: string, found: string): { expected: string; found: string } {
  let same = 0;
  while (same < expected.length && expected[same] === found[same]) same += 1;
  const from = Math.max(0, same - 30);
  const part = (text: string) =>
    `${from > 0 ? '… ' : ''}${text.slice(from, from + SHOWN)}${text.length > from + SHOWN ? ' …' : ''}` ||
    '(nothing)';
  return { expected: part(expected), found: part(found) };
}
