/** What the demo's people have done to one tenant since traffic began. */
export interface DemoTenantTraffic {
  subdomain: string;
  reads: number;
  writes: number;
  failed: number;
  lastError: string | null;
  /** The slowest request of the last seconds, ms. */
  slowestMs: number;
}

/** Requests of the demo's people. Only the embedded demo offers them. */
export interface DemoTraffic {
  state(): { endsAt: Date | null; tenants: DemoTenantTraffic[] };
  /** Does nothing if it is running. */
  start(): void;
  stop(): Promise<void>;
}
