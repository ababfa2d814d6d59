import { Anchor, Button, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Proof, ProofWays } from '@/server/sign-in/proof';
import { mountPoint } from '../hooks/page/address';
import { answerWithPasskey, hasPasskeys } from '../hooks/session/passkeys';
import { ask } from '../hooks/session/session';
import { signOnAddress } from '../hooks/session/single-sign-on';
import { DialogActions } from '../ui/DialogActions';
import { FormError } from '../ui/FormError';
import { Failed, Lines } from '../ui/Panel';

const PATH = '/api/account/proof';

/** Before a dangerous action the user proves who they are: by passkey, code or password. */
export function ProofDialog({ onAnswer }: { onAnswer: (proved: boolean) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const { data, error, isPending } = useQuery({
    queryKey: ['account', 'proof'],
    queryFn: () => ask<ProofWays>(PATH),
    gcTime: 0,
  });
  const prove = useMutation({
    mutationFn: async (proof: Proof | 'passkey') => {
      const body =
        proof === 'passkey' ? { passkey: await answerWithPasskey(`${PATH}/passkey-options`) } : proof;
      await ask(PATH, { method: 'POST', body: JSON.stringify(body) });
    },
    onSuccess: () => onAnswer(true),
    meta: { showsFailure: true },
  });
  const ways = data?.ways ?? [];
  const typed = ways.includes('code') ? 'code' : ways.includes('password') ? 'password' : undefined;
  return (
    <Modal opened onClose={() => onAnswer(false)} title={t('proof.title')}>
      <Stack>
        <Text size="sm">{t('proof.text')}</Text>
        {error && <Failed error={error} />}
        {isPending && <Lines count={2} />}
        <FormError error={prove.error} />
        {ways.includes('passkey') && hasPasskeys && (
          <Button
            variant={typed ? 'default' : 'filled'}
            leftSection={<KeyRound size={16} />}
            loading={prove.isPending && prove.variables === 'passkey'}
            onClick={() => prove.mutate('passkey')}
          >
            {t('proof.passkey')}
          </Button>
        )}
        {ways.includes('single-sign-on') && (
          <Anchor href={signOnAddress(here(), { again: true })} size="sm">
            {t('proof.singleSignOn')}
          </Anchor>
        )}
        {typed && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              prove.mutate({ [typed]: text });
            }}
          >
            <Stack>
              {typed === 'code' ? (
                <TextInput
                  label={t('proof.code')}
                  autoComplete="one-time-code"
                  autoCapitalize="none"
                  maxLength={20}
                  value={text}
                  onChange={(event) => setText(event.target.value)}
                  data-autofocus
                />
              ) : (
                <PasswordInput
                  label={t('signIn.password')}
                  autoComplete="current-password"
                  visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
                  value={text}
                  onChange={(event) => setText(event.target.value)}
                  data-autofocus
                />
              )}
              <DialogActions
                label={t('proof.submit')}
                onCancel={() => onAnswer(false)}
                isPending={prove.isPending && prove.variables !== 'passkey'}
                isDisabled={!text}
              />
            </Stack>
          </form>
        )}
      </Stack>
    </Modal>
  );
}

/** Single sign-on leaves the page, and comes back to it. */
function here(): string {
  const { pathname, search } = window.location;
  return pathname.slice(mountPoint.length) + search;
}
