import {
  Alert,
  Button,
  Code,
  Group,
  Loader,
  Modal,
  NumberInput,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AddedSource, NewOperatorSource } from '@/server/operator/sources/sources';
import { CopyTextButton } from '../../ui/CopyTextButton';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { ButtonTo } from '../../ui/LinkTo';
import { Command } from '../parts/Command';
import { useOperatorChange } from '../queries';
import { useTypedTest } from './connection-test';
import { TestFindings } from './TestFindings';

const KINDS = ['shared', 'dedicated', 'byod', 'supabase'] as const;
const TLS = ['default', 'verify-full', 'verify-ca', 'no-verify', 'disable'] as const;

/** Adds PostgreSQL or a Supabase project. The connection is tested while one types; each finding says what to do. */
export function AddSource({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<(typeof KINDS)[number]>('shared');
  const [tls, setTls] = useState<(typeof TLS)[number]>('default');
  const [capacity, setCapacity] = useState<number | string>('');
  const [text, setText] = useState({
    ...{ name: '', region: '', url: '', networks: '', serviceKey: '', anonKey: '', adminUrl: '' },
  });
  const add = useOperatorChange<AddedSource, NewOperatorSource>(['sources', 'health'], {
    showsFailure: true,
  });
  const isProject = kind === 'supabase';
  const isCustomers = kind === 'byod' || isProject;
  const networks = text.networks.split(',').flatMap((network) => network.trim() || []);
  const connection = {
    ...{ kind, url: text.url.trim() },
    ...(tls === 'default' ? {} : { tls }),
    ...(networks.length > 0 ? { networks } : {}),
    ...(isProject ? { serviceKey: text.serviceKey.trim() } : {}),
    ...(isProject && text.anonKey.trim() ? { anonKey: text.anonKey.trim() } : {}),
  };
  const { tests, isTesting, error, again } = useTypedTest(
    isProject && !text.serviceKey ? { ...connection, url: '' } : connection,
  );
  const field = (key: keyof typeof text) => ({
    value: text[key],
    onChange: (event: { target: { value: string } }) => setText({ ...text, [key]: event.target.value }),
  });
  const submit = () =>
    add.mutate({
      path: '/data-sources',
      body: {
        ...connection,
        name: text.name.trim(),
        ...(text.region.trim() ? { region: text.region.trim() } : {}),
        ...(typeof capacity === 'number' ? { capacity } : {}),
        ...(isProject && text.adminUrl.trim() ? { adminUrl: text.adminUrl.trim() } : {}),
      } as NewOperatorSource,
    });
  return (
    <Modal opened onClose={onClose} title={t('sources.add.title')} size="lg" closeOnClickOutside={false}>
      {add.data ? (
        <Done added={add.data} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <Stack gap="sm">
            <Group grow align="start">
              <Select
                label={t('sources.add.kind')}
                data={KINDS.map((value) => ({ value, label: t(`sources.kinds.${value}`) }))}
                value={kind}
                onChange={(value) => setKind((value as typeof kind | null) ?? 'shared')}
              />
              <TextInput
                label={t('sources.add.name')}
                description={t('sources.add.nameHint')}
                inputWrapperOrder={['label', 'input', 'description']}
                data-autofocus
                autoCapitalize="none"
                required
                {...field('name')}
              />
            </Group>
            <TextInput
              label={isProject ? t('sources.add.projectUrl') : t('sources.add.url')}
              {...(isProject ? {} : { description: t('sources.add.urlHint') })}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              required
              {...field('url')}
            />
            {isProject && (
              <>
                <TextInput
                  label={t('sources.add.serviceKey')}
                  autoComplete="off"
                  required
                  {...field('serviceKey')}
                />
                <TextInput label={t('sources.add.anonKey')} autoComplete="off" {...field('anonKey')} />
                <TextInput
                  label={t('sources.add.databaseUrl')}
                  description={t('sources.add.databaseUrlHint')}
                  autoComplete="off"
                  {...field('adminUrl')}
                />
              </>
            )}
            <Group grow align="start">
              <TextInput label={t('sources.add.region')} {...field('region')} />
              <NumberInput
                label={t('sources.add.capacity')}
                min={1}
                allowDecimal={false}
                value={capacity}
                onChange={setCapacity}
              />
            </Group>
            {isCustomers && (
              <TextInput
                label={t('sources.add.networks')}
                description={t('sources.add.networksHint')}
                {...field('networks')}
              />
            )}
            <Select
              label={t('sources.add.tls')}
              data={TLS.map((value) => ({ value, label: t(`sources.add.tlsModes.${value}`) }))}
              value={tls}
              onChange={(value) => setTls((value as typeof tls | null) ?? 'default')}
            />
            {isTesting && (
              <Group gap="xs" role="status">
                <Loader size="xs" />
                <Text size="sm">{t('sources.add.testing')}</Text>
              </Group>
            )}
            {tests?.map((test) => (
              <TestFindings key={test.purpose} test={test} />
            ))}
            {!isTesting && (tests ?? error) !== undefined && (
              <Group>
                <Button size="compact-sm" variant="default" onClick={again}>
                  {t('sources.add.again')}
                </Button>
              </Group>
            )}
            <FormError error={add.error ?? error} />
            {kind === 'byod' && <DbaScript url={text.url.trim()} />}
            <DialogActions
              label={t('sources.add.submit')}
              onCancel={onClose}
              isPending={add.isPending}
              isDisabled={!text.name.trim() || !text.url.trim()}
            />
          </Stack>
        </form>
      )}
    </Modal>
  );
}

/** The SQL that the customer's DBA runs, for the login that the URL names. */
function DbaScript({ url }: { url: string }) {
  const { t } = useTranslation();
  const script = useOperatorChange<{ script: string }, { url: string }>([], { showsFailure: true });
  return (
    <Stack gap={6}>
      <Text size="sm">{t('sources.add.scriptText')}</Text>
      <Group>
        <Button
          size="compact-sm"
          variant="default"
          disabled={!url}
          loading={script.isPending}
          onClick={() => script.mutate({ path: '/data-sources/script', body: { url } })}
        >
          {t('sources.add.script')}
        </Button>
      </Group>
      <FormError error={script.error} />
      {script.data && (
        <>
          <Group>
            <CopyTextButton text={script.data.script} label={t('sources.add.copyScript')} size="compact-sm" />
          </Group>
          {/* Scrolled with the keyboard. */}
          <Code block tabIndex={0}>
            {script.data.script}
          </Code>
        </>
      )}
    </Stack>
  );
}

function Done({ added: { name, steps } }: { added: AddedSource }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      <Alert color="green" role="status">
        {t('sources.add.done', { name })}
      </Alert>
      {steps.map((step) => (
        <Text key={step} size="sm">
          {step}
        </Text>
      ))}
      <Group justify="flex-end">
        <ButtonTo to={`/data-sources/${name}`}>{t('sources.add.openPage')}</ButtonTo>
      </Group>
      <Command text={`marquee source test ${name}`} />
    </Stack>
  );
}
