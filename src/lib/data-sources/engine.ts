import type { EngineRequest, EngineResponse, RunTransaction } from '@/lib/rest/contract';
import type { PostgresSource } from './postgres-source';

export async function engineOf(
  _source: PostgresSource,
  _run: RunTransaction,
): Promise<{ handle(request: EngineRequest): Promise<EngineResponse> }> {
  throw new Error('waiting');
}
