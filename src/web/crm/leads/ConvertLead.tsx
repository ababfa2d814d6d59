import { List, Modal, SimpleGrid, Stack, Text, TextInput, ThemeIcon } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Building2, SquareKanban, User } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRpc, useSaveRecord } from '../../hooks/records/changes';
import { useRecords } from '../../hooks/records/records';
import type { Filter, Row } from '../../hooks/request/query';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { leads } from '../entities/clients';
import { FieldInput } from '../records/fields/FieldInput';

/** What the opportunity's date is made from: asked here where the lead does not say it. */
const CARRIED = ['event_date', 'event_place', 'start_time', 'end_time'].flatMap((name) =>
  leads.fields.filter((field) => field.name === name),
);

interface Properties {
  lead: Row<'leads'>;
  opened: boolean;
  onClose: () => void;
}

/** Previews what converting a lead creates or matches, then converts it in one transaction. */
export function ConvertLead({ lead, opened, onClose }: Properties) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const name = [lead.first_name, lead.last_name].filter(Boolean).join(' ');
  const [deal, setDeal] = useState('');
  const convert = useRpc('convert_lead');
  const save = useSaveRecord('leads', { showsFailure: true });
  const [typed, setTyped] = useState<Record<string, unknown>>({});
  const match: Filter[] = [
    ['email', 'eq', lead.email ?? ''],
    ['deleted_at', 'is', null],
  ];
  const enabled = opened && Boolean(lead.email);
  const contact = useRecords('contacts', { filters: match, limit: 1 }, { enabled }).data?.[0];
  const account = useRecords('accounts', { filters: match, limit: 1 }, { enabled }).data?.[0];
  /** What was typed here belongs to the lead; the conversion carries it on. */
  const run = () => {
    if (Object.keys(typed).length === 0) convertNow();
    else save.mutate({ id: lead.id, changes: typed }, { onSuccess: convertNow });
  };
  const convertNow = () =>
    convert.mutate(
      { lead_id: lead.id, ...(deal ? { opportunity_name: deal } : {}) },
      {
        onSuccess: (converted) => {
          notifyDone(t('lead.converted'));
          onClose();
          if (converted.converted_opportunity_id) {
            void navigate({ to: `/opportunities/${converted.converted_opportunity_id}` as '/' });
          }
        },
      },
    );
  return (
    <Modal opened={opened} onClose={onClose} title={t('lead.convertTitle', { name })}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('lead.convertText')}
        </Text>
        <List spacing="sm" size="sm" center>
          <List.Item icon={<Mark icon={User} />}>
            {contact
              ? t('lead.foundContact', {
                  name: [contact.first_name, contact.last_name].filter(Boolean).join(' '),
                })
              : t('lead.newContact', { name })}
          </List.Item>
          <List.Item icon={<Mark icon={Building2} />}>
            {account
              ? t('lead.foundAccount', { name: account.name })
              : t('lead.newAccount', { name: lead.company || name })}
          </List.Item>
          <List.Item icon={<Mark icon={SquareKanban} />}>{t('lead.newOpportunity')}</List.Item>
        </List>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" verticalSpacing="xs">
          {CARRIED.map((field, index) => (
            <FieldInput
              key={field.name}
              field={field}
              autoFocus={index === 0}
              value={field.name in typed ? typed[field.name] : lead[field.name as keyof typeof lead]}
              onChange={(value) => setTyped({ ...typed, [field.name]: value })}
            />
          ))}
        </SimpleGrid>
        <TextInput
          label={t('lead.opportunityName')}
          placeholder={name}
          value={deal}
          onChange={(event) => setDeal(event.target.value)}
        />
        <FormError error={convert.error ?? save.error} sent={typed} />
        <DialogActions
          label={t('lead.convert')}
          onCancel={onClose}
          onConfirm={run}
          isPending={convert.isPending || save.isPending}
        />
      </Stack>
    </Modal>
  );
}

function Mark({ icon: Icon }: { icon: typeof User }) {
  return (
    <ThemeIcon size={28} radius="xl" variant="light">
      <Icon size={15} />
    </ThemeIcon>
  );
}
