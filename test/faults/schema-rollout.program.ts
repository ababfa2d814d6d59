// A process that goes on with the open schema rollout, until it is killed.
import { openApplicationDatabase } from '@/lib/application';
import { advanceSchemaRollout } from '@/lib/fleet/schema-rollout';
import { openOperationsDatabase } from '@/lib/operations';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';

const { applicationUrl = '', operationsUrl = '', key = '', files } = JSON.parse(process.argv[2] ?? '{}');
const secretBox = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
const application = openApplicationDatabase({ url: applicationUrl, secretBox });
const operations = openOperationsDatabase({ url: operationsUrl, secretBox });
await advanceSchemaRollout({ operations, application, files }, new AbortController().signal);
process.exit(0);
