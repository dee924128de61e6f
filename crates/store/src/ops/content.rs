//! Where message content stands on the disk, and how it leaves it.

/// How many zero bytes stand before content in its row.
///
/// `secure_delete` overwrites what is deleted, but when SQLite rearranges a tree's pages, copies of
/// moved cells can stay in their unused parts. What a cell holds on such a page is at most the
/// first 3,981 bytes of its row (4,096-byte pages of which SQLCipher keeps 80; SQLite file format,
/// section 1.6). With this much before it, content lives in overflow pages alone: those are never
/// moved about, and are overwritten when they are freed.
pub(super) const LEAD: i64 = 4_000;
