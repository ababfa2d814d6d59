/** Columns that only the database fills: a deleted record is inserted again without them. */
export const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(
  `tenant_id version line_total gross_total chosen created_at created_by updated_at updated_by completed_at completed_by per overbooked
   serialized booth_assignment_id checked_out_at checked_out_by checked_in_at checked_in_by condition revision_count proof_token_hash
   approved_at approved_by_name from_address provider_message_id failure_reason opened_at attached cancelled_at`.split(
    /\s+/,
  ),
);
