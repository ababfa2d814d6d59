import { once } from 'node:events';
import { createServer } from 'node:net';
import { StartError } from '@/lib/failures';
import { CommandError } from '../errors';

/**
 * Tries the address before minutes are spent on preparing what would be served there. Port 0 is any free one.
 *
 * @throws StartError `port_in_use`, `listen_failed`
 */
export async function expectToListen(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const inUse = code === 'EADDRINUSE';
    throw new StartError(
      inUse ? 'port_in_use' : 'listen_failed',
      inUse ? `Port ${port} is in use.` : `${host}, port ${port}, cannot be listened on (${code}).`,
      {
        hint: inUse
          ? 'Stop what uses it, or choose another: PORT=3100 npm start'
          : 'Choose another address with HOST, or another port with PORT; those below 1024 are often for root only.',
        cause,
      },
    );
  }
  probe.close();
  await once(probe, 'close');
}

/** @throws CommandError `port_invalid` */
export function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new CommandError('port_invalid', `“${text}” is not a port.`, {
    hint: 'Give a number from 0 to 65535.',
  });
}
