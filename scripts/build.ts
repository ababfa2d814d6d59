// `npm run build`: compiles the command, the server and the exported rooms to dist/, with declarations and the web application.
import { copyFile, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { buildWebIfStale } from '@/cli/start/web-build';
import { buildPrograms, EXPORTED_ROOMS } from './build/programs';
import { buildTypes } from './build/types';

const root = path.resolve(import.meta.dirname, '..');
const started = performance.now();
for (const program of ['cli', 'lib', 'server'])
  await rm(path.join(root, 'dist', program), { recursive: true, force: true });
const web = buildWebIfStale(path.join(root, 'dist', 'web'));
web.catch(() => {});
const imported = await buildPrograms(root);
await buildTypes(root);
const commonPasswords = 'lib/identity/common-passwords.bloom';
await copyFile(path.join(root, 'src', commonPasswords), path.join(root, 'dist', commonPasswords));
const { directory, said } = await web;
if (!directory) throw new Error(said);

const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
const { dependencies, optionalDependencies } = manifest;
const problems = [
  ...imported.library
    .filter((name) => !(name in dependencies))
    .map((name) => `${name} is imported by an exported room: it belongs to dependencies.`),
  ...imported.programs
    .filter((name) => !(name in dependencies) && !(name in optionalDependencies))
    .map((name) => `${name} is imported by the command or the server: it belongs to dependencies.`),
  ...EXPORTED_ROOMS.filter((room) => !manifest.exports[`./${room}`]).map(
    (room) => `${room} is not exported.`,
  ),
];
if (problems.length > 0) {
  console.error(`package.json does not fit what was built:\n  ${problems.join('\n  ')}`);
  process.exit(1);
}
console.error(`Built dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
