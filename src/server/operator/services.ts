// What the operator's routes need besides the databases: what the configuration says.
import type { AlertChannel } from '@/lib/alerts';
import type { CheckpointSigner, CheckpointSink, CheckpointVerifier } from '@/lib/application';
import type { BackupDependencies, Retention } from '@/lib/backups';
import type { SchemaFiles } from '@/lib/migrations';
import type { SecretBox } from '@/lib/secrets';

/** A variable of the environment, without what it must not show. */
export interface ShownSetting {
  name: string;
  /** Null where it is a secret, or not set. URLs are without their credentials. */
  value: string | null;
  isSecret: boolean;
  from: 'environment' | 'start' | 'command_line' | 'default' | 'unset';
}

/** Something that companies can use only after the operator has set it up. */
export interface ShownService {
  /** The first of its variables: a code for what it is called in other languages. */
  code: string;
  name: string;
  state: 'ready' | 'incomplete' | 'not set up';
  without: string;
  missing: string[];
}

export interface OperatorServices {
  secretBox: SecretBox;
  backups: {
    files?: BackupDependencies['files'];
    /** Addresses of stores, separated by blanks; undefined where backups have no place. */
    store?: string | undefined;
    /** The same for exports: where backups have no place, a directory of this machine. */
    exports: string;
    /** ENCRYPTION_KEY, from which the key that signs certificates of erasures is derived. */
    erasureKey: Uint8Array;
    retention: Retention;
    /** Cron expressions, UTC. */
    at: string;
    drillsAt: string;
    drillDays: number;
    drillSource?: string | undefined;
  };
  /** DEFAULT_TENANT_DATA_URL. */
  defaultUrl?: string | undefined;
  alertChannels: readonly AlertChannel[];
  checkpoints: {
    /** The key that signs, and all whose checkpoints count, that one first. */
    keys(): Promise<{ signer: CheckpointSigner; verifiers: readonly CheckpointVerifier[] }>;
    sinks: readonly CheckpointSink[];
    /** Path of the file that holds signed checkpoints outside the database. */
    file?: string | undefined;
  };
  /** The schema files of this program's version. */
  schemaFiles(): Promise<SchemaFiles>;
  settings(): Promise<{ settings: ShownSetting[]; services: ShownService[] }>;
}
