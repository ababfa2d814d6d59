// The console's English texts: one catalogue a folder, one line here. Their names are not those of the general texts.
import { general } from '../../i18n/en/general';
import { identity } from '../../i18n/en/identity';
import { alerts } from '../alerts/words.en';
import { attention } from '../attention/words.en';
import { auditLog } from '../audit/words.en';
import { backups } from '../backups/words.en';
import { configuration } from '../configuration/words.en';
import { cost } from '../cost/words.en';
import { demo } from '../demo/words.en';
import { sourceHealth } from '../health/words.en';
import { jobs } from '../jobs/words.en';
import { secretKeys } from '../keys/words.en';
import { map } from '../map/words.en';
import { moves } from '../moves/words.en';
import { offboarding } from '../offboarding/words.en';
import { operators } from '../operators/words.en';
import { requests } from '../requests/words.en';
import { schema } from '../schema/words.en';
import { console } from '../shell/words.en';
import { sourceOperation } from '../source-operation/words.en';
import { sources } from '../sources/words.en';
import { supportRequests } from '../support/words.en';
import { tasks } from '../tasks/words.en';
import { tenants } from '../tenants/words.en';
import { usage } from '../usage/words.en';
import { failuresForOperators } from './failures';

export const en = {
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
