import { Button, Code, Group, ScrollArea, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import { Database } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAskOperator, useDbaScript, useOwnDatabaseTest } from '../../../hooks/company/company-data';
import { CopyTextButton } from '../../../ui/CopyTextButton';
import { confirm } from '../../../ui/confirm';
import { FormError } from '../../../ui/FormError';
import { notifyDone } from '../../../ui/notify';
import { Panel } from '../../../ui/Panel';
import { Findings } from './Findings';
import { isAddress, newPassword, ownerUrl } from './owner-url';

/** From the last key stroke to the test, ms. */
const PAUSE_MS = 800;

/** Guides an owner and their DBA to a database of the company's own. It ends in a request: nothing moves before the operator has answered. */
export function OwnDatabase() {
  const { t } = useTranslation();
  const [opened, { open }] = useDisclosure();
  return (
    <Panel title={t('companyData.own.title')}>
      <Stack maw={640}>
        <Text size="sm">{t('companyData.own.text')}</Text>
        {opened ? (
          <Steps />
        ) : (
          <Group>
            <Button variant="light" leftSection={<Database size={16} />} onClick={open}>
              {t('companyData.own.begin')}
            </Button>
          </Group>
        )}
      </Stack>
    </Panel>
  );
}

function Steps() {
  const { t } = useTranslation();
  const [values, setValues] = useState({ host: '', port: '5432', database: '', region: '', ca: '' });
  const [password] = useState(newPassword);
  const [typed] = useDebouncedValue(values, PAUSE_MS);
  const ask = useAskOperator();
  const isComplete = isAddress(typed);
  const name = `${typed.host}:${typed.port}/${typed.database}`;
  const database = { url: ownerUrl(typed, password), ...(typed.ca.trim() ? { ca: typed.ca } : {}) };
  const script = useDbaScript(name, database, isComplete);
  const test = useOwnDatabaseTest(name, database, isComplete);
  const isCurrent = typed === values && isComplete && test.data !== undefined && !test.isFetching;
  const field = (key: keyof typeof values) => ({
    label: t(`companyData.own.${key}`),
    value: values[key],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setValues((before) => ({ ...before, [key]: value }));
    },
    autoComplete: 'off',
    spellCheck: false,
  });
  const send = () =>
    confirm({
      title: t('companyData.own.askTitle'),
      text: t('companyData.own.askText', { name }),
      action: t('companyData.own.ask'),
      onConfirm: () =>
        ask.mutate(
          {
            kind: 'own_database',
            ...database,
            ...(typed.region.trim() ? { region: typed.region.trim() } : {}),
          },
          { onSuccess: () => notifyDone(t('companyData.asked')) },
        ),
    });
  return (
    <>
      <Step number={1} title={t('companyData.own.address')}>
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <TextInput {...field('host')} inputMode="url" required />
          <TextInput {...field('port')} inputMode="numeric" maw={100} required />
          <TextInput {...field('database')} required />
        </Group>
        <TextInput {...field('region')} description={t('companyData.own.regionText')} />
        <Textarea
          {...field('ca')}
          description={t('companyData.own.caText')}
          autosize
          minRows={1}
          maxRows={6}
        />
      </Step>
      <Step number={2} title={t('companyData.own.script')}>
        <Text size="sm">{t('companyData.own.scriptText')}</Text>
        <FormError error={script.error} />
        {isComplete && script.data ? (
          <Script text={script.data.script} />
        ) : (
          <Text size="sm" c="dimmed">
            {t('companyData.own.addressFirst')}
          </Text>
        )}
      </Step>
      <Step number={3} title={t('companyData.own.test')}>
        <Text size="sm">{t('companyData.own.testText')}</Text>
        <FormError error={test.error} />
        {isComplete && test.data && <Findings checks={test.data.checks} isOld={!isCurrent} />}
        <Group>
          <Button
            variant="default"
            size="compact-sm"
            disabled={!isComplete}
            loading={isComplete && test.isFetching}
            onClick={() => void test.refetch()}
          >
            {t('companyData.own.testAgain')}
          </Button>
        </Group>
      </Step>
      <Step number={4} title={t('companyData.own.ask')}>
        <Text size="sm">{t('companyData.own.askSafe')}</Text>
        <FormError error={ask.error} />
        <Group>
          <Button disabled={!isCurrent || !test.data?.ok} loading={ask.isPending} onClick={send}>
            {t('companyData.own.ask')}
          </Button>
        </Group>
      </Step>
    </>
  );
}

function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  return (
    <Stack gap="xs" component="section" aria-label={title}>
      <Title order={3} fz={14} fw={620}>
        {number}. {title}
      </Title>
      {children}
    </Stack>
  );
}

function Script({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <>
      <ScrollArea.Autosize
        mah={240}
        viewportProps={{ tabIndex: 0, 'aria-label': t('companyData.own.script') }}
      >
        <Code block fz={12}>
          {text}
        </Code>
      </ScrollArea.Autosize>
      <Group>
        <CopyTextButton text={text} label={t('companyData.own.copyScript')} size="compact-sm" />
      </Group>
    </>
  );
}
