// Fails on an import that goes against the house: see "Rooms" in ARCHITECTURE.md.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

/** What each room may import, besides `time`. `failures`, `configuration` and `migrations` are single-purpose leaves. */
const mayImport: Record<string, string[]> = {
  time: [],
  failures: [],
  configuration: ['failures'],
  embedded: ['failures'],
  migrations: ['failures'],
  secrets: ['failures'],
  postgres: ['failures'],
  rest: ['failures', 'postgres'],
  csv: [],
  application: ['failures', 'migrations', 'postgres', 'secrets'],
  operations: ['failures', 'migrations', 'secrets'],
  'tenant-data': ['failures', 'migrations'],
  identity: ['failures', 'application', 'operations', 'secrets'],
  'data-sources': [
    'failures',
    'configuration',
    'postgres',
    'rest',
    'secrets',
    'application',
    'operations',
    'tenant-data',
  ],
  repositories: ['failures', 'data-sources', 'tenant-data'],
  crm: ['failures', 'repositories', 'data-sources', 'operations', 'tenant-data', 'secrets'],
  movement: ['failures', 'data-sources', 'operations', 'application', 'tenant-data', 'secrets'],
  backups: ['failures', 'data-sources', 'operations', 'application', 'tenant-data', 'secrets'],
  usage: ['failures', 'data-sources', 'operations'],
};
/** Files of lib that run in the browser too. */
const portable = new Set(['csv']);
/** Above the rooms of lib: programs, which no library may import. */
const programs: Record<string, string[]> = { server: [], cli: ['server'], web: [] };
/** Doors of a room besides its index.ts: a folder with an index.ts of its own, and these files. */
const doors = new Set(['data-sources/manager', 'tenant-data/types']);

const problems: string[] = [];
// Runs on Node 20 too, which has no glob.
for (const entry of await readdir(path.join(root, 'src'), { recursive: true })) {
  if (!/\.tsx?$/.test(entry)) continue;
  const file = path.posix.join('src', ...entry.split(path.sep));
  const source = await readFile(path.join(root, file), 'utf8');
  const importPattern =
    /(import|export)\s+(type\s+)?[^;'"]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;
  for (const match of source.matchAll(importPattern)) {
    const problem = judge(file, match[3] ?? match[4] ?? '', Boolean(match[2]));
    if (problem) problems.push(`${file}: ${problem}`);
  }
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}

function judge(file: string, specifier: string, typeOnly: boolean): string | undefined {
  const target = specifier.startsWith('@/')
    ? `src/${specifier.slice(2)}`
    : specifier.startsWith('.')
      ? path.posix.join(path.posix.dirname(file), specifier)
      : undefined;
  if (target === undefined) return undefined;
  if (!target.startsWith('src/')) return `imports ${specifier}, which is outside src`;
  const from = place(file);
  const to = place(target);
  if (from.room === to.room && from.program === to.program) return undefined;
  if (to.program) {
    const allowed = from.program ? programs[from.program]?.includes(to.program) : false;
    return allowed || (typeOnly && from.program) ? undefined : `may not import ${to.program} (${specifier})`;
  }
  if (from.program === 'web') {
    return typeOnly || portable.has(to.room)
      ? undefined
      : `the web app may import only types from lib (${specifier})`;
  }
  if (!from.program && to.room !== 'time' && !mayImport[from.room]?.includes(to.room)) {
    return `room ${from.room} may not import room ${to.room} (${specifier})`;
  }
  if (to.inside && !isDoor(`${to.room}/${to.inside}`))
    return `reaches past the door of ${to.room} (${specifier})`;
  return undefined;
}

function isDoor(target: string): boolean {
  return (
    doors.has(target) ||
    ['ts', 'tsx'].some((ext) => existsSync(path.join(root, 'src/lib', target, `index.${ext}`)))
  );
}

/** `src/lib/rest/plan.ts` → room rest, inside plan; `src/cli/main.ts` → program cli. */
function place(file: string): { program?: string; room: string; inside?: string } {
  const parts = file.replace(/\.(ts|tsx)$/, '').split('/');
  if (parts[1] !== 'lib') return { program: parts[1] ?? '', room: '' };
  const inside = parts.slice(3).join('/');
  return { room: parts[2] ?? '', ...(inside && inside !== 'index' ? { inside } : {}) };
}
