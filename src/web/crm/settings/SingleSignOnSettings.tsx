import {
  ActionIcon,
  Button,
  Group,
  PasswordInput,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { Plus, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { NewSingleSignOn, SingleSignOnAnswer } from '@/server/api/company/single-sign-on';
import {
  useRemoveSingleSignOn,
  useSaveSingleSignOn,
  useSingleSignOn,
} from '../../hooks/session/single-sign-on';
import { confirm } from '../../ui/confirm';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { Failed, Lines, Panel } from '../../ui/Panel';
import { SecretText } from '../../ui/SecretText';

type Settings = NonNullable<SingleSignOnAnswer['settings']>;
type MappedRole = Settings['roles'][number]['role'];

const ROLES: readonly MappedRole[] = ['admin', 'manager', 'sales', 'staff', 'viewer'];
const NONE = 'none';
const EMPTY: Settings = {
  ...{ issuer: '', clientId: '', label: '', roleClaim: '', roles: [] },
  ...{ defaultRole: 'viewer', createsUsers: true, required: false },
};

/** The company's own identity provider: people sign in with the accounts that they have there. For owners. */
export function SingleSignOnSettings() {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useSingleSignOn();
  return (
    <Panel title={t('settings.singleSignOn.title')}>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Lines count={6} />
      ) : (
        <Provider key={data.settings?.issuer} present={data} />
      )}
    </Panel>
  );
}

function Provider({ present: { settings, hasSecret, redirectUri } }: { present: SingleSignOnAnswer }) {
  const { t } = useTranslation();
  const save = useSaveSingleSignOn();
  const remove = useRemoveSingleSignOn();
  const form = useForm({
    initialValues: { ...(settings ?? EMPTY), clientSecret: '' },
    validate: {
      issuer: (value) => (/^https?:\/\/\S+$/.test(value) ? null : t('singleSignOn.issuerNeeded')),
      clientId: (value) => (value.trim() ? null : t('singleSignOn.clientIdNeeded')),
      label: (value) => (value.trim() ? null : t('singleSignOn.labelNeeded')),
      roles: { value: (value: string) => (value.trim() ? null : t('singleSignOn.groupNeeded')) },
    },
  });
  const submit = form.onSubmit(({ clientSecret, ...values }) => {
    const changed: NewSingleSignOn = { ...values, ...(clientSecret ? { clientSecret } : {}) };
    save.mutate(changed, {
      onSuccess: () => {
        form.setFieldValue('clientSecret', '');
        notifyDone(t('saved'));
      },
    });
  });
  const askToRemove = () =>
    confirm({
      title: t('singleSignOn.removeTitle'),
      text: t('singleSignOn.removeText'),
      action: t('singleSignOn.remove'),
      destructive: true,
      onConfirm: () => remove.mutate(),
    });
  const roleNames = ROLES.map((value) => ({ value: value as string, label: t(`role.${value}`) }));
  const switchOf = (name: 'createsUsers' | 'required') => (
    <Switch
      label={t(`singleSignOn.${name}`)}
      description={t(`singleSignOn.${name}Text`)}
      {...form.getInputProps(name, { type: 'checkbox' })}
    />
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack maw={560}>
        <Text size="sm">{t('singleSignOn.text')}</Text>
        <SecretText
          label={t('singleSignOn.redirectUri')}
          description={t('singleSignOn.redirectUriText')}
          value={redirectUri}
        />
        <TextInput
          label={t('singleSignOn.issuer')}
          description={t('singleSignOn.issuerText')}
          placeholder="https://login.example.com"
          inputMode="url"
          {...form.getInputProps('issuer')}
        />
        <TextInput label={t('singleSignOn.clientId')} {...form.getInputProps('clientId')} />
        <PasswordInput
          label={t('singleSignOn.clientSecret')}
          description={hasSecret ? t('singleSignOn.secretKept') : undefined}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
          {...form.getInputProps('clientSecret')}
        />
        <TextInput
          label={t('singleSignOn.label')}
          description={t('singleSignOn.labelText')}
          maxLength={60}
          {...form.getInputProps('label')}
        />
        <TextInput
          label={t('singleSignOn.roleClaim')}
          description={t('singleSignOn.roleClaimText')}
          {...form.getInputProps('roleClaim')}
        />
        {form.values.roleClaim && (
          <Stack gap="xs" component="fieldset" m={0} p={0} style={{ border: 0 }}>
            <Text component="legend" size="sm" fw={500}>
              {t('singleSignOn.roles')}
            </Text>
            {form.values.roles.map((_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity of their own
              <Group key={index} wrap="nowrap" align="flex-start" gap="xs">
                <TextInput
                  flex={1}
                  aria-label={t('singleSignOn.group')}
                  placeholder={t('singleSignOn.group')}
                  {...form.getInputProps(`roles.${index}.value`)}
                />
                <Select
                  w={160}
                  aria-label={t('field.role')}
                  data={roleNames}
                  allowDeselect={false}
                  {...form.getInputProps(`roles.${index}.role`)}
                />
                <ActionIcon
                  variant="subtle"
                  size="lg"
                  aria-label={t('singleSignOn.removeGroup')}
                  onClick={() => form.removeListItem('roles', index)}
                >
                  <Trash2 size={16} />
                </ActionIcon>
              </Group>
            ))}
            <Group>
              <Button
                size="compact-sm"
                variant="light"
                leftSection={<Plus size={14} />}
                onClick={() => form.insertListItem('roles', { value: '', role: 'staff' })}
              >
                {t('singleSignOn.addGroup')}
              </Button>
            </Group>
          </Stack>
        )}
        <Select
          label={t('singleSignOn.defaultRole')}
          data={[...roleNames, { value: NONE, label: t('singleSignOn.noRole') }]}
          allowDeselect={false}
          value={form.values.defaultRole ?? NONE}
          onChange={(value) =>
            form.setFieldValue('defaultRole', value === NONE ? null : (value as MappedRole))
          }
        />
        {switchOf('createsUsers')}
        {switchOf('required')}
        <FormError error={save.error} />
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t('save')}
          </Button>
          {settings && (
            <Button variant="default" loading={remove.isPending} onClick={askToRemove}>
              {t('singleSignOn.remove')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
