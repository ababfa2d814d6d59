import { hostname, userInfo } from 'node:os';

/** The system user of the command line: `cli:<system user>@<host>`; behind sudo, who called it. */
export function systemActor(): string {
  return `cli:${process.env.SUDO_USER || systemUser()}@${hostname()}`;
}

/** A container may run as a user that has no name. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.()}`;
  }
}
