import { declareFailures, MarqueeError } from './failure';

const START_FAILURES = declareFailures('failures', 'operator', {
  configuration_invalid: {
    category: 'invalid',
    means: 'An environment variable is malformed, or one that another requires is missing.',
    hint: 'See .env.example for every variable and its form.',
  },
  configuration_incomplete: {
    category: 'invalid',
    means: 'A library call needs environment variables that are not set.',
    hint: 'Run npm start once, or set them as .env.example says.',
  },
  not_configured: {
    category: 'invalid',
    means: 'A command needs databases that are not configured.',
    hint: 'Start an instance here with npm start, or set the variables as in .env.example.',
  },
  port_in_use: {
    category: 'conflict',
    means: 'Another program listens on the port.',
    hint: 'Stop it, or choose another port.',
  },
  listen_failed: {
    category: 'invalid',
    means: 'The address cannot be listened on.',
    hint: 'Choose another address or port.',
  },
});

/** A process cannot start as it is configured. Raised by libraries, the server and the command line alike. */
export class StartError extends MarqueeError<keyof typeof START_FAILURES> {}
