// Refuses requests to Supabase services that Marquee does not offer, in the form their clients can read.
import type { Context } from 'hono';

const MESSAGE = 'This is not offered here: see /docs/connect.';

/** Bodies of a refusal, by service. `message` is in each. */
const BODIES: Record<string, object> = {
  storage: { statusCode: '404', error: 'not_found', message: MESSAGE },
  realtime: { code: 'not_found', message: MESSAGE },
  functions: { code: 'NOT_FOUND', message: MESSAGE },
  graphql: { message: MESSAGE, errors: [{ message: MESSAGE }] },
};

export const SERVICES = Object.keys(BODIES);

export function answerNotOffered(context: Context, service: string): Response {
  return context.json(BODIES[service] ?? { message: MESSAGE }, 404);
}
