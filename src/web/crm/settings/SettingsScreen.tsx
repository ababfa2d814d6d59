import { NavLink } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { type Permission, useMay } from '../../hooks/session/roles';
import { PageHeader } from '../../ui/PageHeader';
import {
  checklistTemplates,
  designStatuses,
  designTypes,
  eventCategories,
  eventTypes,
  numberSequences,
  paymentStatuses,
  staffRoles,
} from '../entities/setup';
import { RelatedRecords } from '../records/RelatedRecords';
import { History } from '../timeline/History';
import { ApiKeySettings } from './ApiKeySettings';
import { BookingSettings } from './BookingSettings';
import { CalendarSettings } from './CalendarSettings';
import { CompanySettings } from './CompanySettings';
import { DataSettings } from './data/DataSettings';
import { InquirySettings } from './InquirySettings';
import { IntegrationsSettings } from './IntegrationsSettings';
import { LeadSources } from './LeadSources';
import { MailSettings } from './MailSettings';
import { MoneySettings } from './MoneySettings';
import { NoticeSettings } from './NoticeSettings';
import { PaymentInstructions } from './PaymentInstructions';
import { PeopleSettings } from './PeopleSettings';
import { PipelineSettings } from './PipelineSettings';
import { ReminderSettings } from './ReminderSettings';
import { SecuritySettings } from './SecuritySettings';
import classes from './Settings.module.css';
import { SingleSignOnSettings } from './SingleSignOnSettings';
import { SupportAccessSettings } from './SupportAccessSettings';
import { WebhookSettings } from './WebhookSettings';

const NONE: never[] = [];

/** All settings have one history. */
const ALL = { id: '00000000-0000-0000-0000-000000000000' };

interface Part {
  content: () => ReactNode;
  /** Required permission. Sections without one hold the user's own settings. */
  permission?: Permission;
}

const PARTS: Record<string, Part> = {
  company: { content: () => <CompanySettings />, permission: 'settings' },
  people: { content: () => <PeopleSettings />, permission: 'settings' },
  pipeline: {
    content: () => (
      <>
        <PipelineSettings />
        <LeadSources />
      </>
    ),
    permission: 'settings',
  },
  bookings: { content: () => <BookingSettings />, permission: 'settings' },
  inquiries: { content: () => <InquirySettings />, permission: 'settings' },
  money: {
    content: () => (
      <>
        <MoneySettings />
        <PaymentInstructions />
      </>
    ),
    permission: 'settings',
  },
  reminders: {
    content: () => (
      <>
        <ReminderSettings />
        <MailSettings />
      </>
    ),
    permission: 'settings',
  },
  checklist: {
    content: () => <RelatedRecords entity={checklistTemplates} filters={NONE} />,
    permission: 'operations',
  },
  design: {
    content: () => (
      <>
        <RelatedRecords entity={designTypes} filters={NONE} />
        <RelatedRecords entity={designStatuses} filters={NONE} />
      </>
    ),
    permission: 'operations',
  },
  events: {
    content: () => (
      <>
        <RelatedRecords entity={eventTypes} filters={NONE} />
        <RelatedRecords entity={eventCategories} filters={NONE} />
      </>
    ),
    permission: 'operations',
  },
  crew: { content: () => <RelatedRecords entity={staffRoles} filters={NONE} />, permission: 'operations' },
  numbering: {
    content: () => (
      <>
        <RelatedRecords entity={numberSequences} filters={NONE} canAdd={false} />
        <RelatedRecords entity={paymentStatuses} filters={NONE} />
      </>
    ),
    permission: 'settings',
  },
  integrations: { content: () => <IntegrationsSettings /> },
  webhooks: { content: () => <WebhookSettings />, permission: 'settings' },
  keys: { content: () => <ApiKeySettings />, permission: 'settings' },
  singleSignOn: { content: () => <SingleSignOnSettings />, permission: 'ownership' },
  data: { content: () => <DataSettings />, permission: 'settings' },
  supportAccess: { content: () => <SupportAccessSettings />, permission: 'settings' },
  calendars: { content: () => <CalendarSettings /> },
  notices: { content: () => <NoticeSettings /> },
  security: { content: () => <SecuritySettings /> },
  history: { content: () => <History kind="tenant_settings" record={ALL} />, permission: 'settings' },
};

/** Settings of the tenant and of the user. */
export function SettingsScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useScreenSearch();
  const may = useMay();
  const keys = Object.keys(PARTS).filter((key) => {
    const permission = PARTS[key]?.permission;
    return permission === undefined || may(permission);
  });
  const current = keys.find((key) => key === search.tab) ?? keys[0] ?? 'security';
  const strip = useRef<HTMLElement>(null);
  // On a phone the navigation scrolls horizontally: bring the current section into view.
  useEffect(() => {
    const item = strip.current?.querySelector<HTMLElement>(`[data-part="${current}"]`);
    if (item && strip.current) strip.current.scrollLeft = item.offsetLeft - strip.current.offsetLeft - 40;
  }, [current]);
  return (
    <>
      <PageHeader title={t('nav.settings')} />
      <div className={classes.layout}>
        <nav ref={strip} aria-label={t('nav.settings')} className={classes.nav}>
          {keys.map((key) => (
            <NavLink
              key={key}
              data-part={key}
              component="button"
              label={t(`settings.${key}.title`)}
              active={key === current}
              aria-current={key === current ? 'page' : undefined}
              onClick={() => void navigate({ to: '.', search: { tab: key } })}
              className={classes.item}
            />
          ))}
        </nav>
        <div className={classes.parts}>{PARTS[current]?.content()}</div>
      </div>
    </>
  );
}
