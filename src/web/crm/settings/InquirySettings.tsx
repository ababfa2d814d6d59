import {
  Anchor,
  Code,
  Group,
  SegmentedControl,
  Stack,
  Switch,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type Settings, useSettings } from '../../hooks/company/settings';
import { useSignedIn } from '../../hooks/session/session';
import { CopyTextButton } from '../../ui/CopyTextButton';
import { SettingsPanel } from './SettingsPanel';

const KEYS = ['inquiry_form'] as const;
const FIELDS = ['event_type', 'event_date', 'event_place', 'guest_count', 'phone', 'message'] as const;
const DEMANDS = ['off', 'optional', 'required'] as const;

type Form = Settings['inquiry_form'];

/** The public inquiry form: on or off, what it asks, its texts, where it may be embedded. */
export function InquirySettings() {
  const { t } = useTranslation();
  return (
    <SettingsPanel title={t('settings.inquiries.title')} keys={KEYS}>
      {({ inquiry_form: form }, save) => {
        const change = (changes: Partial<Form>) => save({ inquiry_form: { ...form, ...changes } });
        return (
          <Stack gap="lg">
            <Text size="sm" c="dimmed">
              {t('inquiries.text')}
            </Text>
            <Switch
              label={t('inquiries.enabled')}
              checked={form.enabled}
              onChange={(event) => change({ enabled: event.target.checked })}
            />
            <FormAddress />
            <Switch
              label={t('inquiries.showsAvailability')}
              description={t('inquiries.showsAvailabilityText')}
              checked={form.shows_availability}
              onChange={(event) => change({ shows_availability: event.target.checked })}
            />
            <Asked form={form} change={change} />
            <TextInput
              label={t('inquiries.heading')}
              placeholder={t('inquiries.standard')}
              maxLength={120}
              value={form.heading}
              onChange={(event) => change({ heading: event.target.value })}
            />
            <Textarea
              label={t('inquiries.intro')}
              placeholder={t('inquiries.standard')}
              maxLength={1000}
              autosize
              minRows={2}
              value={form.text}
              onChange={(event) => change({ text: event.target.value })}
            />
            <Textarea
              label={t('inquiries.consent')}
              description={t('inquiries.consentText')}
              placeholder={t('inquiries.standard')}
              maxLength={500}
              autosize
              value={form.consent}
              onChange={(event) => change({ consent: event.target.value })}
            />
            <TagsInput
              label={t('inquiries.sites')}
              description={t('inquiries.sitesText')}
              placeholder="https://www.example.com"
              maxTags={20}
              value={form.sites}
              onChange={(sites) => change({ sites: sites.map(originOf) })}
            />
          </Stack>
        );
      }}
    </SettingsPanel>
  );
}

/** The address people type, as the origin that browsers compare. */
function originOf(typed: string): string {
  const url = URL.parse(/^https?:\/\//i.test(typed) ? typed : `https://${typed}`);
  return url?.origin ?? typed;
}

/** What is asked: each not, if the visitor likes, or always. Name and email are always asked. */
function Asked({ form, change }: { form: Form; change: (changes: Partial<Form>) => void }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs" role="group" aria-label={t('inquiries.asks')}>
      <Text size="sm" fw={500}>
        {t('inquiries.asks')}
      </Text>
      {FIELDS.map((field) => (
        <Group key={field} justify="space-between" gap="xs">
          <Text size="sm" id={`asks-${field}`}>
            {t(`inquiries.field.${field}`)}
          </Text>
          <SegmentedControl
            size="xs"
            aria-labelledby={`asks-${field}`}
            data={DEMANDS.map((value) => ({ value, label: t(`inquiries.demand.${value}`) }))}
            value={form.asks[field]}
            onChange={(demand) =>
              change({ asks: { ...form.asks, [field]: demand as (typeof DEMANDS)[number] } })
            }
          />
        </Group>
      ))}
    </Stack>
  );
}

/** The form's link and the line that embeds it. Both work once the form is switched on and saved. */
function FormAddress() {
  const { t } = useTranslation();
  const { tenant } = useSignedIn();
  const { settings } = useSettings();
  const { enabled, sites } = settings.inquiry_form;
  if (!enabled || !tenant) return null;
  const link = `${window.location.origin}/book/${tenant.subdomain}`;
  const code = `<script src="${link}/embed.js" async></script>`;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Anchor href={link} target="_blank" rel="noopener" style={{ overflowWrap: 'anywhere' }}>
          {link}
        </Anchor>
        <CopyTextButton text={link} label={t('inquiries.copyLink')} size="compact-sm" />
      </Group>
      {sites.length > 0 ? (
        <Group gap="xs">
          <Code style={{ overflowWrap: 'anywhere' }}>{code}</Code>
          <CopyTextButton text={code} label={t('inquiries.copyCode')} size="compact-sm" />
        </Group>
      ) : (
        <Text size="sm" c="dimmed">
          {t('inquiries.embedHint')}
        </Text>
      )}
    </Stack>
  );
}
