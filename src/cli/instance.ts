import { type ApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import { type Configuration, readConfiguration } from '@/lib/configuration';
import { MarqueeError } from '@/lib/errors';
import { type OperationsDatabase, openOperationsDatabase } from '@/lib/operations';
import {
  createLocalKeyProvider,
  createSecretBox,
  createTokens,
  type SecretBox,
  type Tokens,
} from '@/lib/secrets';

/** The running instance's databases and keys, as commands use them. */
export interface Instance {
  configuration: Configuration;
  application: ApplicationDatabase;
  operations: OperationsDatabase;
  secretBox: SecretBox;
  tokens: Tokens;
  close(): Promise<void>;
}

/**
 * Opens what the configuration names: the environment, or the instance that `npm start` keeps in `.marquee/`.
 *
 * @throws MarqueeError `not_configured`, `configuration_invalid`
 */
export function openInstance(configuration = readConfiguration()): Instance {
  const { ENCRYPTION_KEY: key, APPLICATION_DATABASE_URL, OPERATIONS_DATABASE_URL } = configuration;
  const missing = Object.entries({ ENCRYPTION_KEY: key, APPLICATION_DATABASE_URL, OPERATIONS_DATABASE_URL })
    .filter(([, value]) => !value)
    .map(([name]) => name);
  if (!key || !APPLICATION_DATABASE_URL || !OPERATIONS_DATABASE_URL) {
    throw new MarqueeError('not_configured', `Not set: ${missing.join(', ')}.`, {
      hint: 'Start an instance here with `npm start`, or set the variables as in .env.example.',
    });
  }
  const secretBox = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
  const application = openApplicationDatabase({
    url: APPLICATION_DATABASE_URL,
    secretBox,
    author: { actor: 'cli' },
  });
  const operations = openOperationsDatabase({ url: OPERATIONS_DATABASE_URL, secretBox });
  return {
    configuration,
    application,
    operations,
    secretBox,
    tokens: createTokens({ key }),
    async close() {
      await Promise.all([application.close(), operations.close()]);
    },
  };
}

/** Runs a command against the instance and closes it, whatever happens. */
export async function withInstance<T>(work: (instance: Instance) => Promise<T>): Promise<T> {
  const instance = openInstance();
  try {
    return await work(instance);
  } finally {
    await instance.close();
  }
}
