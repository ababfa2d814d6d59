import { declareFailures, MarqueeError } from '@/lib/failures';

const OAUTH_FAILURES = declareFailures('crm/integrations', 'user', {
  oauth_not_set_up: {
    category: 'not-found',
    means: 'Marquee is not registered with the provider.',
    hint: 'The operator registers Marquee with the provider first.',
  },
  oauth_refused: {
    category: 'conflict',
    means: 'The provider no longer accepts the connection.',
    hint: 'Connect it again under Settings, Integrations.',
  },
  oauth_unreachable: {
    category: 'unavailable',
    status: 502,
    means: 'The provider does not answer, or not as documented.',
    hint: 'Try again in a minute.',
  },
});

/** A connection to another service cannot be made or used. */
export class OAuthError extends MarqueeError<keyof typeof OAUTH_FAILURES> {}
