import { Button, Checkbox, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SignatureGiven } from '@/server/client/contracts';
import { FormError } from '../ui/FormError';
import { Panel } from '../ui/Panel';
import classes from './Client.module.css';
import { SignaturePad } from './SignaturePad';

interface Properties {
  title: string;
  consentText: string;
  /** Label of the submit button. */
  action: string;
  isPending: boolean;
  error: unknown;
  onSign: (signed: Omit<SignatureGiven, 'sha256'>) => void;
}

/** A client's name, consent and signature. */
export function SignForm({ title, consentText, action, isPending, error, onSign }: Properties) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [consent, setConsent] = useState(false);
  const [manner, setManner] = useState('typed');
  const [png, setPng] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const submit = () => {
    setTried(true);
    const signature: SignatureGiven['signature'] | null =
      manner === 'typed' ? { kind: 'typed', text: name.trim() } : png ? { kind: 'drawn', png } : null;
    if (!name.trim() || !consent || !signature) return;
    onSign({
      name: name.trim(),
      ...(email.trim() ? { email: email.trim() } : {}),
      consent,
      signature,
    });
  };
  return (
    <Panel title={title}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack>
          <TextInput
            size="md"
            label={t('client.name')}
            autoComplete="name"
            value={name}
            onChange={(event) => setName(event.target.value)}
            error={tried && !name.trim() && t('client.needName')}
          />
          <TextInput
            size="md"
            type="email"
            label={t('client.email')}
            autoComplete="email"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          <SegmentedControl
            fullWidth
            value={manner}
            onChange={(manner) => {
              setManner(manner);
              // The new pad is empty.
              setPng(null);
            }}
            data={[
              { value: 'typed', label: t('client.typed') },
              { value: 'drawn', label: t('client.drawn') },
            ]}
          />
          {manner === 'typed' ? (
            <div>
              <div className={classes.typed}>{name}</div>
              <Text size="xs" c="dimmed">
                {t('client.typedLabel')}
              </Text>
            </div>
          ) : (
            <SignaturePad onChange={setPng} />
          )}
          {tried && manner === 'drawn' && !png && (
            <Text size="sm" c="red" role="alert">
              {t('client.needSignature')}
            </Text>
          )}
          <Checkbox
            size="md"
            label={consentText}
            checked={consent}
            onChange={(event) => setConsent(event.target.checked)}
            error={tried && !consent && t('client.needConsent')}
          />
          <FormError error={error} />
          <Button type="submit" size="lg" loading={isPending}>
            {action}
          </Button>
        </Stack>
      </form>
    </Panel>
  );
}
