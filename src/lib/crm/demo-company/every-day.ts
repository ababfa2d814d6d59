import type { Story } from './story';

/**
 * What screens, guides and tests lean on whatever day it is: each status of leads, deals, quotes and invoices, money that is due
 * and money that is not yet, work in these days for the crew, and a crew member who is away. Comes first, so that chance books around it.
 */
export function addEveryDay(story: Story, crewUserIds: readonly string[]): void {
  const [first, second = first] = crewUserIds;
  if (first) story.addDaysOff(first, 4, 2);
  const away = crewUserIds.at(-1);
  if (away) {
    story.addTimeOff(away, { from: -21, days: 2, reason: 'sick' });
    story.addTimeOff(away, { from: 3, days: 4, reason: 'vacation' });
  }

  story.addEvent({ inDays: 0, status: 'confirmed', crew: second, invoice: 'paid' });
  story.addEvent({ inDays: 2, status: 'confirmed', crew: first, invoice: 'partially_paid' });
  story.addEvent({ inDays: 9, status: 'confirmed', crew: first, invoice: 'sent' });
  story.addEvent({ inDays: 20, status: 'cancelled', invoice: 'void' });
  story.addEvent({ inDays: 25, status: 'tentative', invoice: 'draft' });
  story.addEvent({ inDays: 40, status: 'confirmed', invoice: 'sent' });
  story.addEvent({ inDays: -10, status: 'completed', crew: first, invoice: 'paid' });
  story.addEvent({ inDays: -12, status: 'completed', crew: second, invoice: 'partially_paid' });
  story.addEvent({ inDays: -45, status: 'completed', crew: first, invoice: 'sent' });
  story.addEvent({ inDays: -200, status: 'completed', crew: first, invoice: 'paid' });
  story.addEvent({ inDays: -120, status: 'completed', crew: second, invoice: 'written_off' });

  for (const status of ['new', 'new', 'contacted', 'qualified', 'lost'] as const) story.addInquiry(status);
  story.addOpenDeal('prospecting');
  story.addOpenDeal('prospecting');
  story.addOpenDeal('qualification', 'draft');
  for (const quote of ['sent', 'viewed', 'expired'] as const) story.addOpenDeal('proposal', quote);
  for (const quote of ['sent', 'revised'] as const) story.addOpenDeal('negotiation', quote);
  story.addLostDeal('declined');
}
