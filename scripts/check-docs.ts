// Fails on a link that leads nowhere, on a page of docs that its folder's README does not list, on a command that a page names and that
// does not exist, and on a table of rooms in ARCHITECTURE.md that is not current (--write renews it).
import { existsSync } from 'node:fs';
import { glob, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { COMMANDS, loadCommand } from '@/cli/command-list';
import { roomsTable } from './rooms';

const root = path.resolve(import.meta.dirname, '..');
const { scripts } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
const commands = new Map(
  await Promise.all(Object.keys(COMMANDS).map(async (name) => [name, await loadCommand(name)] as const)),
);
const problems: string[] = [];
const skipped = (name: string) => ['node_modules', '.git', 'dist', '.marquee'].includes(name);
for await (const page of glob('**/*.md', { cwd: root, exclude: skipped })) {
  const text = await readFile(path.join(root, page), 'utf8');
  const report = (problem: string) => problems.push(`${page}: ${problem}`);
  checkLinks(page, text, report);
  // Not CHANGELOG.md, whose entries may name commands of earlier versions.
  if (page !== 'CHANGELOG.md') checkCommands(text, report);
}

for (const index of ['docs/README.md', 'docs/decisions/README.md']) {
  const listed = await readFile(path.join(root, index), 'utf8');
  for await (const page of glob('*.md', { cwd: path.dirname(path.join(root, index)) }))
    if (page !== 'README.md' && !listed.includes(`](${page})`))
      problems.push(`${index} does not list ${page}.`);
}

const architecture = path.join(root, 'ARCHITECTURE.md');
const text = await readFile(architecture, 'utf8');
const TABLE = /(<!-- rooms:[^>]*-->\n)[\s\S]*?(<!-- end of rooms -->)/;
const current = text.replace(TABLE, (_, begin: string, end: string) => `${begin}${roomsTable()}\n${end}`);
if (!TABLE.test(text)) problems.push('ARCHITECTURE.md has no table of rooms between its two marks.');
if (current !== text) {
  if (process.argv.includes('--write')) await writeFile(architecture, current);
  else problems.push('ARCHITECTURE.md: its rooms are not current: npx tsx scripts/check-docs.ts --write');
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}

function checkLinks(page: string, text: string, report: (problem: string) => void): void {
  for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)|<img[^>]+src="([^"]+)"/g)) {
    const [file = ''] = target.split('#');
    if (file === '' || /^[a-z]+:/.test(file)) continue;
    if (!existsSync(path.join(root, path.dirname(page), decodeURI(file))))
      report(`${target} does not exist.`);
  }
}

/** Code of a page: spans, and the lines of blocks without their comments. */
function checkCommands(text: string, report: (problem: string) => void): void {
  const spans = [...text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, code = '']) => code);
  const blocks = [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].flatMap(([, code = '']) =>
    code.split('\n'),
  );
  for (const code of [...spans, ...blocks.map((line) => line.replace(/\s#.*/, ''))]) {
    for (const [, script = ''] of code.matchAll(/\bnpm run ([\w:-]+)/g))
      if (!(script in scripts)) report(`npm run ${script}: there is no such script.`);
    for (const [, rest = ''] of code.matchAll(/^(?:npx )?marquee ([a-z].*)/g)) checkMarquee(rest, report);
  }
}

/** `tenant list | show <id> --json`: a command, its subcommands, and options that one of them has. */
function checkMarquee(line: string, report: (problem: string) => void): void {
  const [name = '', ...words] = line.split(/[\s;,]+/);
  const command = commands.get(name);
  if (!command) {
    report(`marquee ${name}: there is no such command.`);
    return;
  }
  const subcommands = new Map(command.commands.map((one) => [one.name(), one]));
  const named = words.filter((_, index) => index === 0 || words[index - 1] === '|');
  for (const word of subcommands.size > 0 ? named : [])
    if (/^[a-z][a-z-]*$/.test(word) && !subcommands.has(word))
      report(`marquee ${name} ${word}: there is no such subcommand.`);
  const options = withSubcommands(command).flatMap((one) => one.options.map(({ long }) => long));
  for (const [flag] of line.matchAll(/--[a-z][a-z-]*/g))
    if (!options.includes(flag) && !['--help', '--json', '--version'].includes(flag))
      report(`marquee ${name} has no option ${flag}.`);
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
