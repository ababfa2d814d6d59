// The demo's operator with a second factor, so that the console can be tried at once. A process that starts the demo has its keys anyway.
import { TOTP } from 'otpauth';
import { newTotp } from '@/lib/identity';
import type { Instance } from '../instance';

export const DEMO_OPERATOR = 'operator@marquee.example';

export interface DemoSecondFactor {
  /** For an authenticator app. */
  uri: string;
  secret: string;
  /** Works once, until half a minute after `codeUntil`. */
  code: string;
  codeUntil: Date;
}

const PERIOD_MS = 30_000;

/** Sets the second factor of an operator who was just made. */
export async function enrolDemoOperator({ application: { users } }: Instance, id: string): Promise<void> {
  await users.setTotpSecret(id, newTotp({ email: DEMO_OPERATOR }).secret);
  await users.confirmTotp(id, []);
}

/** Undefined where there is no demo, or its operator has taken the second factor away. */
export async function demoSecondFactor({
  application: { users },
}: Pick<Instance, 'application'>): Promise<DemoSecondFactor | undefined> {
  const operator = await users.findByEmail(null, DEMO_OPERATOR);
  const secret = operator?.totpConfirmedAt ? await users.totpSecret(operator.id) : undefined;
  if (!secret) return undefined;
  const totp = new TOTP({ issuer: 'Marquee', label: DEMO_OPERATOR, secret });
  const codeUntil = new Date((Math.floor(Date.now() / PERIOD_MS) + 1) * PERIOD_MS);
  return { uri: totp.toString(), secret, code: totp.generate(), codeUntil };
}
