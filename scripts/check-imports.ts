// Fails on an import against the directions of scripts/rooms.ts, and on one of a package that is not installed with Marquee.
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { DOORS, LEAVES, PORTABLE, PROGRAMS, ROOMS, WEB } from './rooms';

const root = path.resolve(import.meta.dirname, '..');
const { dependencies, optionalDependencies } = JSON.parse(
  readFileSync(path.join(root, 'package.json'), 'utf8'),
);

const problems: string[] = [];
// Runs on Node 20 too, which has no glob.
for (const entry of await readdir(path.join(root, 'src'), { recursive: true })) {
  if (!/\.tsx?$/.test(entry)) continue;
  const file = path.posix.join('src', ...entry.split(path.sep));
  const source = await readFile(path.join(root, file), 'utf8');
  const importPattern =
    /^(import|export)\s+(type\s+)?[^;'"`(]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/gm;
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
  if (target === undefined) return judgePackage(file, specifier, typeOnly);
  if (!target.startsWith('src/')) return `imports ${specifier}, which is outside src`;
  const from = place(file);
  const to = place(target);
  if (from.program === 'web' && to.program === 'web') return judgeWeb(file, target);
  if (from.room === to.room && from.program === to.program) return undefined;
  if (to.program) {
    const allowed = from.program ? PROGRAMS[from.program]?.imports.includes(to.program) : false;
    return allowed || (typeOnly && from.program) ? undefined : `may not import ${to.program} (${specifier})`;
  }
  if (from.program === 'web') {
    return typeOnly || PORTABLE.includes(to.room)
      ? undefined
      : `the web app may import only types from lib (${specifier})`;
  }
  if (!from.program && !LEAVES.includes(to.room) && !ROOMS[from.room]?.imports.includes(to.room)) {
    return `room ${from.room} may not import room ${to.room} (${specifier})`;
  }
  if (to.inside && !isDoor(`${to.room}/${to.inside}`))
    return `reaches past the door of ${to.room} (${specifier})`;
  return undefined;
}

function judgeWeb(file: string, target: string): string | undefined {
  const [from = '', to = ''] = [file, target].map((one) => one.split('/')[2]);
  const isAllowed = from === to || !WEB[from] || !WEB[to] || WEB[from].includes(to);
  return isAllowed ? undefined : `web/${from} may not import web/${to} (${target})`;
}

/** The web application is built ahead, so its packages are needed for development only. */
function judgePackage(file: string, specifier: string, typeOnly: boolean): string | undefined {
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (typeOnly || isBuiltin(specifier) || place(file).program === 'web') return undefined;
  if (name in dependencies || name in optionalDependencies) return undefined;
  return `imports ${name}, which belongs to package.json’s dependencies`;
}

function isDoor(target: string): boolean {
  return (
    DOORS.includes(target) ||
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
