import { NavLink } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ScreenSearch } from '../../router';
import { PageHeader } from '../../ui/PageHeader';
import { RelatedRecords } from '../../ui/RelatedRecords';
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
import { CompanySettings } from './CompanySettings';
import { MoneySettings } from './MoneySettings';
import { PeopleSettings } from './PeopleSettings';
import { PipelineSettings } from './PipelineSettings';
import { SecuritySettings } from './SecuritySettings';
import classes from './Settings.module.css';

const NONE: never[] = [];

const PARTS = {
  company: () => <CompanySettings />,
  people: () => <PeopleSettings />,
  pipeline: () => <PipelineSettings />,
  money: () => <MoneySettings />,
  checklist: () => <RelatedRecords entity={checklistTemplates} filters={NONE} />,
  design: () => (
    <>
      <RelatedRecords entity={designTypes} filters={NONE} />
      <RelatedRecords entity={designStatuses} filters={NONE} />
    </>
  ),
  events: () => (
    <>
      <RelatedRecords entity={eventTypes} filters={NONE} />
      <RelatedRecords entity={eventCategories} filters={NONE} />
    </>
  ),
  crew: () => <RelatedRecords entity={staffRoles} filters={NONE} />,
  numbering: () => (
    <>
      <RelatedRecords entity={numberSequences} filters={NONE} canAdd={false} />
      <RelatedRecords entity={paymentStatuses} filters={NONE} />
    </>
  ),
  security: () => <SecuritySettings />,
} as const;

/** How the company works: chosen once, used everywhere. */
export function SettingsScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as ScreenSearch;
  const keys = Object.keys(PARTS) as (keyof typeof PARTS)[];
  const current = keys.find((key) => key === search.tab) ?? 'company';
  return (
    <>
      <PageHeader title={t('nav.settings')} />
      <div className={classes.layout}>
        <nav aria-label={t('nav.settings')} className={classes.nav}>
          {keys.map((key) => (
            <NavLink
              key={key}
              component="button"
              label={t(`settings.${key}.title`)}
              active={key === current}
              aria-current={key === current ? 'page' : undefined}
              onClick={() => void navigate({ to: '.', search: { tab: key } })}
              className={classes.item}
            />
          ))}
        </nav>
        <div className={classes.parts}>{PARTS[current]()}</div>
      </div>
    </>
  );
}
