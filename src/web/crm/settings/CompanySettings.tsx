import {
  Button,
  ColorInput,
  FileButton,
  Group,
  Image,
  Select,
  SimpleGrid,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Settings, useSaveLogo, useSaveSetting, useSettings } from '../../hooks/settings';
import { notifyDone } from '../../ui/notify';
import { Lines, Panel } from '../../ui/Panel';

const ZONES = Intl.supportedValuesOf('timeZone');

/** Name and address as they stand on documents, time zone. */
export function CompanySettings() {
  const { t } = useTranslation();
  const { settings, isPending } = useSettings();
  return (
    <Panel title={t('settings.company.title')}>
      {isPending ? (
        <Lines />
      ) : (
        <Stack>
          <Logo picture={settings.logo} />
          <CompanyForm key={JSON.stringify(settings.company)} settings={settings} />
        </Stack>
      )}
    </Panel>
  );
}

function CompanyForm({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const [company, setCompany] = useState(settings.company);
  const [timezone, setTimezone] = useState(settings.timezone);
  const saveCompany = useSaveSetting('company');
  const saveZone = useSaveSetting('timezone');
  const change = (changes: Partial<Settings['company']>) => setCompany({ ...company, ...changes });
  const save = async () => {
    await saveCompany.mutateAsync(company);
    if (timezone !== settings.timezone) await saveZone.mutateAsync(timezone);
    notifyDone(t('saved'));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // Failures are shown by the mutations themselves.
        save().catch(() => {});
      }}
    >
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label={t('field.name')}
            value={company.name}
            onChange={(e) => change({ name: e.target.value })}
          />
          <ColorInput
            withEyeDropper={false}
            label={t('settings.company.color')}
            value={company.primary_color}
            onChange={(primary_color) => change({ primary_color })}
          />
          <TextInput
            label={t('field.email')}
            type="email"
            value={company.email}
            onChange={(e) => change({ email: e.target.value })}
          />
          <TextInput
            label={t('field.phone')}
            value={company.phone}
            onChange={(e) => change({ phone: e.target.value })}
          />
        </SimpleGrid>
        <Textarea
          label={t('field.address')}
          description={t('settings.company.addressHint')}
          value={company.lines.join('\n')}
          autosize
          minRows={2}
          onChange={(e) => change({ lines: e.target.value.split('\n').slice(0, 6) })}
        />
        <Select
          label={t('field.timezone')}
          description={t('settings.company.zoneHint')}
          searchable
          allowDeselect={false}
          limit={50}
          value={timezone}
          data={ZONES}
          onChange={(zone) => setTimezone(zone ?? timezone)}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={saveCompany.isPending || saveZone.isPending}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What stands above the company's documents. */
function Logo({ picture }: { picture: string }) {
  const { t } = useTranslation();
  const save = useSaveLogo();
  const remove = useSaveSetting('logo');
  return (
    <Group>
      {picture && <Image src={picture} alt={t('settings.company.logo')} w="auto" h={48} fit="contain" />}
      <FileButton
        accept="image/png,image/jpeg,image/webp,image/gif"
        onChange={(file) => file && save.mutate(file)}
      >
        {(properties) => (
          <Button {...properties} size="compact-sm" variant="light" loading={save.isPending}>
            {t('settings.company.chooseLogo')}
          </Button>
        )}
      </FileButton>
      {picture && (
        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => remove.mutate('')}>
          {t('settings.company.removeLogo')}
        </Button>
      )}
    </Group>
  );
}
