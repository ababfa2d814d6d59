import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  CompanyDataAnswer,
  CustomerRequestAnswer,
  NewCustomerRequest,
  OwnDatabase,
} from '@/server/api/company/company-data';
import type { LoginTestAnswer } from '@/server/api/company/login-test';
import { ask } from '../session/session';

const PATH = '/api/company-data';
const KEY = ['company-data'] as const;

/** Where the company's data are, when they were last proven, and what was asked of the operator. For owners and admins. */
export function useCompanyData() {
  return useQuery({ queryKey: KEY, queryFn: () => ask<CompanyDataAnswer>(PATH) });
}

function useChange<Variables>(change: (variables: Variables) => Promise<CustomerRequestAnswer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useAskOperator() {
  return useChange((request: NewCustomerRequest) =>
    ask<CustomerRequestAnswer>(`${PATH}/requests`, { method: 'POST', body: JSON.stringify(request) }),
  );
}

export function useWithdrawRequest() {
  return useChange((id: string) =>
    ask<CustomerRequestAnswer>(`${PATH}/requests/${id}`, { method: 'DELETE' }),
  );
}

/** The script for the company's DBA. @param name of the database, without the password */
export function useDbaScript(name: string, { url }: OwnDatabase, enabled: boolean) {
  return useQuery({
    queryKey: ['own-database-script', name],
    queryFn: () =>
      ask<{ script: string }>(`${PATH}/own-database/script`, {
        method: 'POST',
        body: JSON.stringify({ url }),
      }),
    ...{ enabled, gcTime: 0, staleTime: Number.POSITIVE_INFINITY, retry: false },
  });
}

/** The connection test. The findings before stay in sight until there are new ones. @param name as for the script */
export function useOwnDatabaseTest(name: string, database: OwnDatabase, enabled: boolean) {
  return useQuery({
    queryKey: ['own-database-test', name, database.ca],
    queryFn: ({ signal }) =>
      ask<LoginTestAnswer>(`${PATH}/own-database/test`, {
        ...{ method: 'POST', body: JSON.stringify(database), signal },
      }),
    ...{ enabled, gcTime: 0, placeholderData: keepPreviousData, retry: false, refetchOnWindowFocus: false },
  });
}
