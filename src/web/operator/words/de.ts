// The console's German texts, as en.ts.
import { general } from '../../i18n/de/general';
import { identity } from '../../i18n/de/identity';
import type { Translation } from '../../i18n/translation';
import { alerts } from '../alerts/words.de';
import { attention } from '../attention/words.de';
import { auditLog } from '../audit/words.de';
import { backups } from '../backups/words.de';
import { configuration } from '../configuration/words.de';
import { cost } from '../cost/words.de';
import { demo } from '../demo/words.de';
import { sourceHealth } from '../health/words.de';
import { jobs } from '../jobs/words.de';
import { secretKeys } from '../keys/words.de';
import { map } from '../map/words.de';
import { moves } from '../moves/words.de';
import { offboarding } from '../offboarding/words.de';
import { operators } from '../operators/words.de';
import { requests } from '../requests/words.de';
import { schema } from '../schema/words.de';
import { console } from '../shell/words.de';
import { sourceOperation } from '../source-operation/words.de';
import { sources } from '../sources/words.de';
import { supportRequests } from '../support/words.de';
import { tasks } from '../tasks/words.de';
import { tenants } from '../tenants/words.de';
import { usage } from '../usage/words.de';
import type { en } from './en';
import { failuresForOperators } from './failures';

export const de: Translation<typeof en> = {
  ...general,
  ...identity,
  failure: failuresForOperators(general.failure),
  console,
  demo,
  offboarding,
  map,
  moves,
  cost,
  attention,
  tenants,
  alerts,
  auditLog,
  backups,
  configuration,
  sourceHealth,
  jobs,
  secretKeys,
  operators,
  requests,
  schema,
  supportRequests,
  tasks,
  sources,
  sourceOperation,
  usage,
};
