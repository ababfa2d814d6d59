import type { ApplicationDatabase } from '@/lib/application';
import type { ConnectionServices } from '@/lib/crm/delivery';
import type { MailQueue } from '@/lib/crm/delivery/jobs';
import type { FileStorage } from '@/lib/crm/storage';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import type { AccountMail, SignIn } from '@/lib/identity';
import type { MoveDependencies } from '@/lib/movement';
import type { OperationsDatabase } from '@/lib/operations';
import type { Tokens } from '@/lib/secrets';
import type { DemoTraffic } from './demo-traffic';
import type { Logger, Metrics } from './observability';
import type { ActorNames } from './operator/actor-names';
import type { OperatorServices } from './operator/services';
import type { OperatorTasks } from './operator/tasks/tasks';
import type { UserCopies } from './user-copies';

/** The parts that the server consists of. */
export interface ServerDependencies {
  application: ApplicationDatabase;
  operations: OperationsDatabase;
  manager: DataSourceManager;
  tokens: Tokens;
  signIn: SignIn;
  people: UserCopies;
  logger: Logger;
  metrics: Metrics;
  /** Lets programs on other machines read `/metrics`. */
  metricsToken?: string;
  /** Addresses besides this server's that mailed links may lead to: a target begins with one of them. */
  allowedRedirects: readonly string[];
  /** Undefined if this server moves no tenants; the routes of moves and rollouts are then not mounted. */
  moves?: MoveDependencies;
  /** Only the embedded demo has it. */
  demoTraffic?: DemoTraffic;
  /** Networks besides the internet in which companies' own databases may be: CIDRs. */
  customerDatabaseNetworks: readonly string[];
  /** Undefined if only data are served; the routes of files, links, payments and connections are then not mounted. */
  services?: Services;
  /** Undefined if no console is served. */
  operator?: OperatorServices;
  actorNames: ActorNames;
  /** Running tasks of operators. */
  tasks: OperatorTasks;
}

/** What the business API needs besides the data. */
export interface Services extends ConnectionServices {
  storage: FileStorage;
  /** Outgoing mail, opened at its first use; undefined if links are handed over by hand. */
  mail?: () => Promise<Pick<MailQueue, 'queue' | 'again' | 'notify'>>;
  /** Whether outgoing mail reaches its receivers; false if it is only kept in the outbox. */
  sendsMail?: boolean;
  /** Mail about accounts; undefined if none is sent. */
  accountMail?: Pick<AccountMail, 'queue'>;
  /** Signs providers' reports about delivered mails; undefined if none are accepted. */
  mailReportSecret?: string;
  /** Makes the names of tracking pictures from ids of mails; undefined if none are sent. */
  openedSecret?: string;
  /** Secrets before and after the current one, while ENCRYPTION_KEY is replaced. */
  otherOpenedSecrets?: readonly string[];
  /** The address at which clients reach this server, where it differs from the request's. */
  publicUrl?: string;
  /** Signs the local test provider's reports; undefined if test payments are off. */
  testPaymentSecret?: string;
}
