import { type ApplicationDatabase, type Author, openApplicationDatabase } from '@/lib/application';
import { applicationPlace, type Configuration, readConfiguration, secretSettings } from '@/lib/configuration';
import { defaultSource } from '@/lib/data-sources';
import { StartError } from '@/lib/failures';
import { type OperationsDatabase, openOperationsDatabase, operationsFailure } from '@/lib/operations';
import { countDecryptions, createTokens, openSecrets, type SecretBox, type Tokens } from '@/lib/secrets';
import { signedInOperator } from './operator-session';
import { systemActor } from './system-actor';

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
 * @param author who changes something where nothing else says who, for the audit log
 * @throws StartError `not_configured`, `configuration_invalid`
 */
export async function openInstance(
  configuration = readConfiguration(),
  author: Author = { actor: systemActor(), ...signedInOperator() },
): Promise<Instance> {
  const { ENCRYPTION_KEY: key, OPERATIONS_DATABASE_URL } = configuration;
  const place = applicationPlace(configuration);
  const missing = Object.entries({
    ENCRYPTION_KEY: key,
    APPLICATION_DATABASE_URL: place,
    OPERATIONS_DATABASE_URL,
  })
    .filter(([, value]) => !value)
    .map(([name]) => name);
  if (!key || !place || !OPERATIONS_DATABASE_URL) {
    throw new StartError('not_configured', `Not set: ${missing.join(', ')}.`, {
      hint: 'Start an instance here with `npm start`, or set the variables as in .env.example.',
    });
  }
  const { box: secretBox, flush } = countDecryptions(
    await openSecrets(secretSettings(configuration)),
    (count): Promise<void> => application.audit.append(decryptions(count)),
  );
  const application = openApplicationDatabase({
    ...place,
    secretBox,
    author,
  });
  const operations = openOperationsDatabase({
    url: OPERATIONS_DATABASE_URL,
    secretBox,
    recordChange: (change, by) => application.audit.append(change, by),
  });
  return {
    configuration,
    application,
    operations,
    secretBox,
    tokens: createTokens(operations.tokenKeys),
    async close() {
      await flush();
      await Promise.all([application.close(), operations.close()]);
    },
  };
}

const decryptions = (count: number) => ({
  action: 'credentials.decrypted' as const,
  entity: 'credentials',
  details: { count },
});

/** Who runs the command line: the operator who is signed in there, else the system user. */
export function cliActor(): string {
  return signedInOperator()?.actor ?? systemActor();
}

/** The data source that a command means: the one named, or that of DEFAULT_TENANT_DATA_URL. @returns id or name */
export async function sourceNamed(instance: Instance, source: string | undefined): Promise<string> {
  return source ?? (await defaultSource(instance.operations, instance.configuration)).id;
}

/** Runs a command against the instance and closes it, whatever happens. */
export async function withInstance<T>(
  work: (instance: Instance) => Promise<T>,
  configuration?: Configuration,
): Promise<T> {
  const instance = await openInstance(configuration);
  try {
    return await work(instance);
  } catch (error) {
    // Failures of other databases have codes of their own; a driver's error comes from the operations database.
    throw operationsFailure(error);
  } finally {
    await instance.close();
  }
}
