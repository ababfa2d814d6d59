import { Command } from 'commander';
import { openApplicationDatabase } from '@/lib/application';
import { applicationPlace, type Configuration, readConfiguration, secretSettings } from '@/lib/configuration';
import { openSecrets } from '@/lib/secrets';
import { describeLogin } from '../audit-settings';
import { type OptionalService, optionalServices } from '../optional-services';
import { printJson } from '../output';

export const doctorCommand = new Command('doctor')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    '\nReads the environment, and what the login may do with the audit log; values are never printed. .env.example documents every variable.',
  )
  .action(async ({ json }: { json?: boolean }) => {
    const configuration = readConfiguration();
    const services = [...optionalServices(configuration), ...(await auditLog(configuration))];
    if (json) return printJson(services);
    for (const { name, state, without, missing, redirectUrl } of services) {
      console.log(`${name}: ${state}`);
      if (state === 'ready') continue;
      console.log(
        missing.length > 0 ? `  set ${missing.join(' and ')}; without: ${without}` : `  ${without}`,
      );
      if (redirectUrl) console.log(`  redirect address to enter at the provider: ${redirectUrl}`);
    }
  });

/** Nothing if the application database cannot be reached. */
async function auditLog(configuration: Configuration): Promise<OptionalService[]> {
  const place = applicationPlace(configuration);
  if (!place || !configuration.ENCRYPTION_KEY) return [];
  const secretBox = await openSecrets(secretSettings(configuration));
  const application = openApplicationDatabase({ ...place, secretBox });
  try {
    const weaknesses = await application.audit.weaknesses();
    const places = ['AUDIT_CHECKPOINT_FILE', 'AUDIT_CHECKPOINT_SYSLOG', 'AUDIT_CHECKPOINT_BUCKET'] as const;
    const isSigned = places.some((name) => configuration[name] !== undefined);
    const without = [
      ...(isSigned ? [] : ['a cut end of the audit log cannot be seen']),
      ...(weaknesses.length > 0 ? [describeLogin(weaknesses)] : []),
    ];
    const missing = isSigned ? [] : [`${places.slice(0, -1).join(', ')} or ${places.at(-1)}`];
    const state = without.length === 0 ? 'ready' : without.length === 2 ? 'not set up' : 'incomplete';
    return [{ code: places[0], name: 'Audit log', state, without: without.join('; '), missing }];
  } catch {
    return [];
  } finally {
    await application.close();
  }
}
