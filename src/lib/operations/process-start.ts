import { readFile } from 'node:fs/promises';

/**
 * When a process started. With its number, that identifies the process: a later process may get the same number. A process that
 * ended keeps its number until its parent has read its exit status. Undefined when it does not run.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat !== undefined) {
    // After the command in parentheses, which may hold anything: the state is the third field, the start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  }
  return process.platform === 'linux' || !isAlive(pid) ? undefined : 'running';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
