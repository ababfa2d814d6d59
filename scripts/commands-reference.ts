// Writes docs/reference/commands.md from the commands themselves; with --check only says whether it is current.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { COMMANDS, loadCommand } from '@/cli/command-list';

const root = path.resolve(import.meta.dirname, '..');
const page = path.join(root, 'docs/reference/commands.md');
const commands = await Promise.all(Object.keys(COMMANDS).map(loadCommand));
const text = reference(commands.sort((one, other) => one.name().localeCompare(other.name())));
if (!process.argv.includes('--check')) await writeFile(page, text);
else if ((await readFile(page, 'utf8').catch(() => '')) !== text) {
  console.error('docs/reference/commands.md is not current: run npx tsx scripts/commands-reference.ts');
  process.exit(1);
}

function reference(commands: readonly Command[]): string {
  return `# Commands

<!-- Made from the code by scripts/commands-reference.ts; edit the commands instead. -->

\`marquee <command> --help\` says the same. Where a line ends with \`--json\`, the command prints one JSON document. Exit codes are those of [errors](errors.md). Settings are environment variables: \`.env.example\` lists
them all.

${commands.map((command) => section(command)).join('\n\n')}
`;
}

function section(command: Command): string {
  const parts = [command, ...below(command)].filter((one) => one === command || isRun(one));
  return [`## ${command.name()}`, ...parts.map((one) => described(one, one === command))].join('\n\n');
}

function below(command: Command): Command[] {
  return command.commands.flatMap((one) => [one, ...below(one)]);
}

/** Whether it does something itself, besides having others below it. */
function isRun(command: Command): boolean {
  return Boolean(Reflect.get(command, '_actionHandler'));
}

function described(command: Command, isFirst: boolean): string {
  const names: string[] = [];
  for (let one: Command | null = command; one; one = one.parent) names.unshift(one.name());
  const usage = command.registeredArguments.map((argument) => {
    const shown = `${argument.name()}${argument.variadic ? '…' : ''}`;
    return argument.required ? `<${shown}>` : `[${shown}]`;
  });
  const heading = isFirst && !isRun(command) ? [] : [`\`marquee ${[...names, ...usage].join(' ')}\``];
  const options = command.options.filter(({ hidden, long }) => !hidden && long !== '--json');
  const json = command.options.some(({ long }) => long === '--json') ? ' `--json`' : '';
  const rows = options.map(({ flags, description }) => `| \`${flags}\` | ${cell(description)} |`);
  const table = rows.length > 0 ? [['| option | |', '| --- | --- |', ...rows].join('\n')] : [];
  return [`${[...heading, cell(command.description())].join(': ')}${json}`, ...table].join('\n\n');
}

function cell(words: string): string {
  return words.replaceAll('|', '\\|').replaceAll('<', '\\<').replaceAll('\n', ' ');
}
