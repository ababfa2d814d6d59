import { access, stat } from 'node:fs/promises';
import path from 'node:path';

/** `nobody` on Debian, Alpine and Fedora. PostgreSQL will not run as root. */
const NOBODY = { uid: 65534, gid: 65534 };

/** The user PostgreSQL's files must belong to, or undefined when we are no root and it runs as ourselves. */
export function unprivilegedUser(): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? NOBODY : undefined;
}

export interface UnprivilegedCommand {
  command: string;
  args: string[];
  identity: { uid?: number; gid?: number };
}

/**
 * How to run a command as a user that PostgreSQL accepts. A checkout below a directory that only root may enter
 * (`/root`, mode 0700) is kept usable by leaving the process one capability, to pass directories.
 *
 * @param files paths that the command must be able to reach
 */
export async function unprivilegedCommand(
  command: string,
  args: string[],
  files: string[],
): Promise<UnprivilegedCommand> {
  const user = unprivilegedUser();
  if (!user) return { command, args, identity: {} };
  const reachable = (await Promise.all(files.map(everyoneMayReach))).every(Boolean);
  if (reachable) return { command, args, identity: user };
  const setpriv = await firstExisting(['/usr/bin/setpriv', '/bin/setpriv']);
  if (!setpriv) return { command, args, identity: user };
  const capability = '+dac_override';
  const limits = ['--clear-groups', '--inh-caps', capability, '--ambient-caps', capability];
  return {
    command: setpriv,
    args: [`--reuid=${user.uid}`, `--regid=${user.gid}`, ...limits, '--', command, ...args],
    identity: {},
  };
}

async function everyoneMayReach(file: string): Promise<boolean> {
  for (let directory = path.dirname(path.resolve(file)); ; directory = path.dirname(directory)) {
    const { mode } = await stat(directory);
    if ((mode & 0o001) === 0) return false;
    if (directory === path.dirname(directory)) return true;
  }
}

async function firstExisting(files: string[]): Promise<string | undefined> {
  for (const file of files) {
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return undefined;
}
