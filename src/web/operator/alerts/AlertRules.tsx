import {
  Button,
  Group,
  JsonInput,
  Modal,
  NumberInput,
  Select,
  Stack,
  Switch,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AlertRuleAnswer } from '@/server/operator/alerts';
import { FormError } from '../../ui/FormError';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { State } from '../parts/State';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';
import { useMessage } from '../server-messages/use-message';
import { changesOf } from './rule-changes';
import { SEVERITIES } from './severities';

/** The rules of alerts. */
export function AlertRules() {
  const { t } = useTranslation();
  const say = useMessage();
  const may = useMay();
  const query = useOperatorQuery<{ rules: AlertRuleAnswer[] }>('alerts', '/alerts/rules');
  const [edited, setEdited] = useState<AlertRuleAnswer>();
  return (
    <>
      <QueryView query={query}>
        {({ rules }) => (
          <Rows
            label={t('alerts.rules.title')}
            rows={rules}
            keyOf={({ name }) => name}
            empty={null}
            columns={[
              {
                label: t('alerts.rules.name'),
                cell: (rule: AlertRuleAnswer) =>
                  may('alerts.change') ? (
                    <Button size="compact-xs" variant="subtle" onClick={() => setEdited(rule)}>
                      {rule.name}
                    </Button>
                  ) : (
                    rule.name
                  ),
              },
              {
                label: t('alerts.rules.state'),
                cell: ({ enabled }) => (
                  <State tone={enabled ? 'good' : 'neutral'}>
                    {t(enabled ? 'alerts.rules.on' : 'alerts.rules.off')}
                  </State>
                ),
              },
              {
                label: t('alerts.rules.severity'),
                cell: ({ severity }) => (
                  <State tone={SEVERITIES[severity]}>{t(`alerts.severities.${severity}`)}</State>
                ),
              },
              {
                label: t('alerts.rules.when'),
                cell: ({ when }) => t(`alerts.rules.kinds.${when.kind}`, String(when.kind)),
              },
              {
                ...{ label: t('alerts.rules.says'), isText: true },
                cell: ({ title, says }) => say(says, title),
              },
            ]}
          />
        )}
      </QueryView>
      <Command text="marquee alerts rules" />
      {edited && <EditRule key={edited.name} rule={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

function EditRule({ rule, onClose }: { rule: AlertRuleAnswer; onClose: () => void }) {
  const { t } = useTranslation();
  const [enabled, setEnabled] = useState(rule.enabled);
  const [severity, setSeverity] = useState(rule.severity);
  const [title, setTitle] = useState(rule.title);
  const [quietMinutes, setQuiet] = useState<number | string>(rule.quietMinutes);
  const [when, setWhen] = useState(JSON.stringify(rule.when, null, 2));
  const change = useOperatorChange(['alerts'], { showsFailure: true });
  const path = `/alerts/rules/${rule.name}`;
  const save = () => {
    const always = { title, severity, quietMinutes: Number(quietMinutes) };
    const body = changesOf(rule, rule.fixed ? always : { ...always, enabled, when: JSON.parse(when) });
    if (Object.keys(body).length === 0) return onClose();
    change.mutate({ method: 'PUT', path, body }, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} title={rule.name} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // Invalid JSON is reported beside the input.
          if (isJson(when)) save();
        }}
      >
        <Stack gap="sm">
          <Switch
            label={t('alerts.rules.on')}
            disabled={rule.fixed}
            {...(rule.fixed ? { description: t('alerts.rules.fixed') } : {})}
            checked={enabled}
            onChange={(event) => setEnabled(event.currentTarget.checked)}
          />
          <TextInput
            label={t('alerts.rules.says')}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
          <Select
            label={t('alerts.rules.severity')}
            allowDeselect={false}
            data={(['critical', 'warning', 'notice'] as const).map((value) => ({
              value,
              label: t(`alerts.severities.${value}`),
            }))}
            value={severity}
            onChange={(value) => setSeverity(value as AlertRuleAnswer['severity'])}
          />
          <NumberInput label={t('alerts.rules.quiet')} min={0} value={quietMinutes} onChange={setQuiet} />
          <JsonInput
            label={t('alerts.rules.when')}
            autosize
            minRows={3}
            readOnly={rule.fixed}
            validationError={t('alerts.rules.notJson')}
            value={when}
            onChange={setWhen}
          />
          <FormError error={change.error} />
          <Group justify="space-between">
            <Button
              variant="subtle"
              color="gray"
              onClick={() => change.mutate({ method: 'DELETE', path }, { onSuccess: onClose })}
            >
              {t('alerts.rules.reset')}
            </Button>
            <Group gap="xs">
              <Button variant="default" onClick={onClose}>
                {t('cancel')}
              </Button>
              <Button type="submit" loading={change.isPending}>
                {t('save')}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
