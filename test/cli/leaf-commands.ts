import { Command } from 'commander';
import { nameOf } from '@/cli/authorize';
import { COMMANDS, loadCommand } from '@/cli/command-list';

/** Commands that do something, by name below the program: `migrate` too, which has others below it. */
export async function leafCommands(): Promise<Map<string, Command>> {
  const program = new Command('marquee');
  for (const name of Object.keys(COMMANDS)) program.addCommand(await loadCommand(name));
  const found = new Map<string, Command>();
  const walk = (command: Command) => {
    for (const one of command.commands) walk(one);
    if (command.parent && Reflect.get(command, '_actionHandler')) found.set(nameOf(command), command);
  };
  walk(program);
  return found;
}
