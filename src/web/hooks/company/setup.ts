import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Database } from '@/lib/tenant-data/types';
import type { KeptSamples, StarterTexts } from '@/server/api/company/setup';
import { useAnswer } from '../records/functions';
import { database, unwrap } from '../request/database';
import { useMay } from '../session/roles';
import { ask } from '../session/session';
import { usePeople } from './people';
import { useSaveSetting, useSettings } from './settings';

export const SETUP_STEPS = ['company', 'booth', 'tax', 'texts', 'payment', 'people', 'quote'] as const;
export type SetupStep = (typeof SETUP_STEPS)[number];

/** The database's answer of `setup_progress`. */
interface Progress extends Record<Exclude<SetupStep, 'people'>, boolean> {
  next: { entity: 'leads' | 'opportunities' | 'quotes'; id: string } | null;
  samples: number;
}

/** How far the company is set up, derived from its records. Undefined while it loads, and for users who cannot set it up. */
export function useSetup() {
  const isAdmin = useMay()('settings');
  const { data } = useAnswer<'setup_progress', Progress>('setup_progress', undefined as never, {
    enabled: isAdmin,
  });
  const { people, isPending } = usePeople();
  const { settings } = useSettings();
  const save = useSaveSetting('setup_skipped');
  if (!data || isPending) return undefined;
  const isDone = (step: SetupStep) => (step === 'people' ? people.length > 1 : data[step]);
  const skipped = settings.setup_skipped as SetupStep[];
  return {
    ...data,
    isDone,
    isSkipped: (step: SetupStep) => !isDone(step) && skipped.includes(step),
    skip: (step: SetupStep) => save.mutate([...skipped.filter((one) => one !== step), step]),
    /** Whether nothing is left to do. The first quote cannot be skipped. */
    isComplete: SETUP_STEPS.every((step) => isDone(step) || skipped.includes(step)),
  };
}

/** Contract and emails to start with. */
export function useStarterTexts(language: 'en' | 'de') {
  return useQuery({
    queryKey: ['starter-texts', language],
    queryFn: () => ask<StarterTexts>(`/api/setup/texts?language=${language}`),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useTakeTexts() {
  return useSetupChange((body: { language: 'en' | 'de'; keys: string[] }) =>
    ask<{ added: number }>('/api/setup/texts', { method: 'POST', body: JSON.stringify(body) }),
  );
}

export function useLoadSamples() {
  return useSetupChange((language: 'en' | 'de') =>
    ask('/api/setup/sample-data', { method: 'POST', body: JSON.stringify({ language }) }),
  );
}

export function useRemoveSamples() {
  return useSetupChange((_: undefined) => ask<KeptSamples>('/api/setup/sample-data', { method: 'DELETE' }));
}

/** Adds a kind of booth, its booths and packages, all or nothing. */
export function useAddRentalOffer() {
  return useSetupChange(async (offer: Database['public']['Functions']['add_rental_offer']['Args']) =>
    unwrap(await database.rpc('add_rental_offer', offer)),
  );
}

function useSetupChange<Given, Answer>(change: (given: Given) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: ['records'] }),
  });
}
