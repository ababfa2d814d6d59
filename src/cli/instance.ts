import { type ApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import { type Configuration, readConfiguration, secretSettings } from '@/lib/configuration';
import { defaultSource } from '@/lib/data-sources';
import { StartError } from '@/lib/failures';
import { type OperationsDatabase, openOperationsDatabase } from '@/lib/operations';
import { openSecrets, type SecretBox, type Tokens } from '@/lib/secrets';

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
 * @throws StartError `not_configured`, `configuration_invalid`
 */
export async function openInstance(configuration = readConfiguration()): Promise<Instance> {
  const { ENCRYPTION_KEY: key, APPLICATION_DATABASE_URL, OPERATIONS_DATABASE_URL } = configuration;
  const missing = Object.entries({ ENCRYPTION_KEY: key, APPLICATION_DATABASE_URL, OPERATIONS_DATABASE_URL })
    .filter(([, value]) => !value)
    .map(([name]) => name);
  if (!key || !APPLICATION_DATABASE_URL || !OPERATIONS_DATABASE_URL) {
    throw new StartError('not_configured', `Not set: ${missing.join(', ')}.`, {
      hint: 'Start an instance here with `npm start`, or set the variables as in .env.example.',
    });
  }
  const { secretBox, tokens } = await openSecrets(secretSettings(configuration));
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
    tokens,
    async close() {
      await Promise.all([application.close(), operations.close()]);
    },
  };
}

/** The data source that a command means: the one named, or that of DEFAULT_TENANT_DATA_URL. @returns id or name */
export async function sourceNamed(instance: Instance, source: string | undefined): Promise<string> {
  return source ?? (await defaultSource(instance.operations, instance.configuration)).id;
}

/** Runs a command against the instance and closes it, whatever happens. */
export async function withInstance<T>(work: (instance: Instance) => Promise<T>): Promise<T> {
  const instance = await openInstance();
  try {
    return await work(instance);
  } finally {
    await instance.close();
  }
}
