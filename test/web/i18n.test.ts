import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import i18next from 'i18next';
import { parseSync } from 'vite';
import { de } from '@/web/i18n/de';
import { en } from '@/web/i18n/en';
import { general } from '@/web/i18n/en/general';
import { identity } from '@/web/i18n/en/identity';
import { de as consoleDe } from '@/web/operator/words/de';
import { en as consoleEn } from '@/web/operator/words/en';

const WEB = path.resolve(import.meta.dirname, '../../src/web');

type Words = { readonly [key: string]: string | Words };

/** `a.b.c` → its words. */
function flat(words: Words, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(words).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[prefix + key, value]] : [...flat(value, `${prefix}${key}.`)],
    ),
  );
}

// The CRM's and the console's: what both have is the same.
const english = new Map([...flat(en), ...flat(consoleEn)]);
const german = new Map([...flat(de), ...flat(consoleDe)]);

test('a catalogue of the console has a name of its own among those that are loaded with it', async () => {
  const names = new Set([...Object.keys(general), ...Object.keys(identity)]);
  const own = Object.keys(consoleEn).filter((name) => !names.has(name));
  const folders = await Array.fromAsync(glob('operator/*/words.en.ts', { cwd: WEB }));
  assert.equal(own.length, folders.length);
});

test('German says everything that English says, and nothing else', () => {
  assert.deepEqual([...german.keys()].sort(), [...english.keys()].sort());
  const empty = [...german].filter(([, words]) => words.trim() === '');
  assert.deepEqual(empty, []);
});

test('both languages fill in the same values', () => {
  const placesOf = (words: string) =>
    [...words.matchAll(/\{\{(\w+)(?:, number)?\}\}/g)].map(([, name]) => name).sort();
  const differing = [...english].filter(
    ([key, words]) => placesOf(words).join() !== placesOf(german.get(key) ?? '').join(),
  );
  assert.deepEqual(differing, []);
});

test('a count is written with the separators of its language', async () => {
  const bare = [...english, ...german].filter(([, words]) => words.includes('{{count}}'));
  assert.deepEqual(bare, []);
  for (const [lng, words, written] of [
    ['en', en, '12,345 records'],
    ['de', de, '12.345 Einträge'],
  ] as const) {
    const one = i18next.createInstance();
    await one.init({ lng, resources: { [lng]: { translation: words } } });
    assert.equal(one.t('list.count', { count: 12_345 }), written);
  }
});

test('what is counted has the plural forms of its language', () => {
  for (const [language, words] of [
    ['en', english],
    ['de', german],
  ] as const) {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const key of words.keys()) {
      const stem = /^(.*)_(?:zero|one|two|few|many|other)$/.exec(key)?.[1];
      if (stem === undefined || !words.has(`${stem}_other`)) continue;
      for (const form of forms) assert.ok(words.has(`${stem}_${form}`), `${language}: ${stem}_${form}`);
    }
  }
});

test('English is American, and neither language has our old dialect', () => {
  const british =
    /\b(colours?|cancelled|cancelling|e-mails?|labour|enquir(y|ies)|favourite|organis\w+|utilis\w+|licence|grey|catalogue|tick(ed)?)\b|\S …/i;
  const dialect = /\b(any more|shall|it stands|on its way|by itself)\b/i;
  const wrong = [...english].filter(([, words]) => british.test(words) || dialect.test(words));
  assert.deepEqual(wrong, []);
  assert.deepEqual(
    [...german].filter(([, words]) => /\b(du|dein\w*|dir|dich)\b/i.test(words)),
    [],
  );
});

test('every word that a screen asks for exists', async () => {
  const missing: string[] = [];
  for await (const [file, source] of sources()) {
    const known = file.startsWith('operator/') ? flat(consoleEn) : flat(en);
    for (const [, key = ''] of source.matchAll(/\bt\(\s*'([\w.]+)'/g)) {
      if (!known.has(key) && !known.has(`${key}_other`)) missing.push(`${file}: ${key}`);
    }
  }
  assert.deepEqual(missing, []);
});

test('no screen speaks English by itself', async () => {
  const found: string[] = [];
  for await (const [file, source] of sources()) {
    if (!file.endsWith('.tsx')) continue;
    const { program, errors } = parseSync(file, source);
    assert.deepEqual(errors, [], file);
    for (const text of textsOf(program)) if (!SAME.test(text)) found.push(`${file}: ${text}`);
  }
  assert.deepEqual(found, []);
});

test('the check finds literal texts wherever people would read or hear them', () => {
  const source = `
    const a = (
      <Panel title="Own title" aria-label={isOpen ? 'open it' : \`\${n} left\`} key="not shown" id={'nor this'}>
        lower case, <b>{n} of many</b> {'in braces'} {t('a.key', { what: 'value' })} – · {n > 1 && 'after and'}
        <Command text={\`marquee show \${n > 1 ? '--several' : ''}\`} />
        <Input placeholder={label ?? 'fallback'} type="text" onChange={() => say('not here')} />
      </Panel>
    );`;
  assert.deepEqual(textsOf(parseSync('a.tsx', source).program).sort(), [
    'Own title',
    'after and',
    'fallback',
    'in braces',
    'left',
    'lower case,',
    'of many',
    'open it',
  ]);
});

/** Attributes that people read or hear. */
const READ =
  /^(aria-(label|description|roledescription|valuetext)|label|placeholder|title|description|alt|text)$/;

interface Node {
  type: string;
  [property: string]: unknown;
}

/** Literal texts of the elements in a program: their content, and attributes that people read. */
function textsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(textsOf);
  if (!isNode(node) || isCommand(node)) return [];
  const own = () => {
    if (node.type === 'JSXText') return shown(node);
    if (node.type === 'JSXAttribute')
      return READ.test(String((node.name as Node).name)) ? shown(node.value) : [];
    if (node.type === 'JSXElement' || node.type === 'JSXFragment')
      return (node.children as Node[]).flatMap((child) =>
        child.type === 'JSXExpressionContainer' ? shown(child) : [],
      );
    return [];
  };
  return [...own(), ...Object.values(node).flatMap(textsOf)];
}

/** `<Command>` shows a command, which is the same in every language. */
function isCommand({ type, name }: Node): boolean {
  return type === 'JSXOpeningElement' && (name as Node).name === 'Command';
}

/** Literal texts among the values that an expression can have. */
function shown(node: unknown): string[] {
  if (!isNode(node)) return [];
  const parts: Record<string, unknown[]> = {
    JSXExpressionContainer: [node.expression],
    ConditionalExpression: [node.consequent, node.alternate],
    LogicalExpression: [node.left, node.right],
    BinaryExpression: node.operator === '+' ? [node.left, node.right] : [],
    TemplateLiteral: [node.quasis, node.expressions].flat(),
    ParenthesizedExpression: [node.expression],
  };
  if (parts[node.type]) return (parts[node.type] ?? []).flatMap(shown);
  const text =
    node.type === 'TemplateElement' ? (node.value as { cooked: string }).cooked : (node.value as unknown);
  const isText = ['JSXText', 'Literal', 'TemplateElement'].includes(node.type) && typeof text === 'string';
  return isText && /\p{L}{2}/u.test(text) && !/^https:/.test(text) ? [text.trim().replace(/\s+/g, ' ')] : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** The same in every language: a name, and commands. */
const SAME = /^(Marquee$|marquee |--)/;

async function* sources(): AsyncGenerator<[file: string, source: string]> {
  for await (const file of glob('**/*.{ts,tsx}', { cwd: WEB, exclude: ['i18n/**', 'operator/**/words*'] })) {
    yield [file, await readFile(path.join(WEB, file), 'utf8')];
  }
}
