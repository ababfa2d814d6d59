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
import { useTranslation } from 'react-i18next';
import { type Settings, useSaveLogo, useSaveSetting, useSettings } from '../../hooks/company/settings';
import { Lines, Panel } from '../../ui/Panel';
import { DeviceZone } from './DeviceZone';
import { MissingDetails } from './MissingDetails';
import { SettingsPanel } from './SettingsPanel';

const ZONES = Intl.supportedValuesOf('timeZone');

/** Locales of documents: language and region. */
const LOCALES = [
  'en-US',
  'en-GB',
  'en-CA',
  'en-AU',
  'de-DE',
  'de-AT',
  'de-CH',
  'fr-FR',
  'fr-CA',
  'nl-NL',
  'es-ES',
  'it-IT',
];
const KEYS = ['company', 'timezone', 'locale'] as const;

/** Company name, address, logo and time zone. */
export function CompanySettings({ onSaved }: { onSaved?: () => void }) {
  const { t } = useTranslation();
  const { settings, isPending } = useSettings();
  return (
    <>
      <MissingDetails isInSettings />
      <Panel title={t('settings.company.logo')}>
        {isPending ? <Lines count={1} /> : <Logo picture={settings.logo} />}
      </Panel>
      <SettingsPanel title={t('settings.company.title')} keys={KEYS} onSaved={onSaved}>
        {(values, change) => <CompanyFields values={values} onChange={change} />}
      </SettingsPanel>
    </>
  );
}

const TYPEFACES = ['noto-sans', 'dejavu-sans', 'dejavu-sans-condensed', 'dejavu-serif'] as const;

type Values = Pick<Settings, (typeof KEYS)[number]>;

function CompanyFields({
  values: { company, timezone, locale },
  onChange,
}: {
  values: Values;
  onChange: (changes: Partial<Values>) => void;
}) {
  const { t, i18n } = useTranslation();
  const names = new Intl.DisplayNames(i18n.language, { type: 'language' });
  const change = (changes: Partial<Settings['company']>) => onChange({ company: { ...company, ...changes } });
  const locales = LOCALES.includes(locale) ? LOCALES : [locale, ...LOCALES];
  return (
    <>
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
        <Select
          label={t('settings.company.typeface')}
          value={company.typeface}
          data={TYPEFACES.map((value) => ({ value, label: t(`settings.company.typefaces.${value}`) }))}
          onChange={(typeface) => typeface && change({ typeface: typeface as typeof company.typeface })}
        />
        <TextInput
          label={t('field.email')}
          description={t('settings.company.emailHint')}
          type="email"
          value={company.email}
          onChange={(e) => change({ email: e.target.value })}
        />
        <TextInput
          label={t('field.phone')}
          value={company.phone}
          onChange={(e) => change({ phone: e.target.value })}
        />
        <TextInput
          label={t('settings.company.taxNumber')}
          description={t('settings.company.taxNumberHint')}
          maxLength={40}
          value={company.tax_number ?? ''}
          onChange={(e) => change({ tax_number: e.target.value })}
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
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Stack gap={4} align="start">
          <Select
            w="100%"
            label={t('field.timezone')}
            description={t('settings.company.zoneHint')}
            searchable
            limit={50}
            value={timezone}
            data={ZONES}
            onChange={(zone) => zone && onChange({ timezone: zone })}
          />
          <DeviceZone chosen={timezone} onChoose={(zone) => onChange({ timezone: zone })} />
        </Stack>
        <Select
          label={t('settings.company.locale')}
          description={new Intl.DateTimeFormat(locale, { dateStyle: 'full' }).format()}
          searchable
          value={locale}
          data={locales.map((tag) => ({ value: tag, label: names.of(tag) ?? tag }))}
          onChange={(tag) => tag && onChange({ locale: tag })}
        />
      </SimpleGrid>
    </>
  );
}

/** The logo on documents. */
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
