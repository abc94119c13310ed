//! `dbn-peer FILE fields|plain|flat`: reads an MBO file (plain or zstd) with the official decoder, in one thread. Prints records,
//! seconds, seconds of CPU time and a hash as JSON.
//!
//! `fields` does no more: the hash is of sums of the fields that a book reads. The others keep a book and fold the best prices
//! into the hash at each F_LAST. `plain` is the book that one writes first: a `HashMap` of orders, a `BTreeMap` of levels for
//! each side. `flat` is tuned: orders in one open-addressed table, levels in a sorted vector with the best at its end.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use cpu_time::ProcessTime;
use dbn::decode::{DbnDecoder, DecodeRecord};
use dbn::MboMsg;

const LAST: u8 = 128;

#[derive(Clone, Copy)]
struct Order {
    side: u8,
    size: u32,
    price: i64,
}

trait Book {
    fn order(&self, id: u64) -> Option<Order>;
    fn put(&mut self, id: u64, order: Order);
    fn take(&mut self, id: u64);
    fn clear(&mut self);
    fn best(&self, side: u8) -> Option<i64>;
    fn count(&self) -> usize;
}

#[derive(Default)]
struct PlainBook {
    orders: HashMap<u64, Order>,
    bids: BTreeMap<i64, u64>,
    asks: BTreeMap<i64, u64>,
}

impl PlainBook {
    fn levels(&mut self, side: u8) -> &mut BTreeMap<i64, u64> {
        if side == b'B' { &mut self.bids } else { &mut self.asks }
    }
}

impl Book for PlainBook {
    fn order(&self, id: u64) -> Option<Order> {
        self.orders.get(&id).copied()
    }
    fn put(&mut self, id: u64, order: Order) {
        self.orders.insert(id, order);
        *self.levels(order.side).entry(order.price).or_insert(0) += u64::from(order.size);
    }
    fn take(&mut self, id: u64) {
        let Some(order) = self.orders.remove(&id) else { return };
        let levels = self.levels(order.side);
        let size = levels.get_mut(&order.price).expect("a level under every order");
        *size -= u64::from(order.size);
        if *size == 0 {
            levels.remove(&order.price);
        }
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
    fn best(&self, side: u8) -> Option<i64> {
        let level = if side == b'B' { self.bids.last_key_value() } else { self.asks.first_key_value() };
        level.map(|(price, _)| *price)
    }
    fn count(&self) -> usize {
        self.orders.len()
    }
}

#[derive(Clone, Copy, Default)]
struct Slot {
    id: u64,
    price: i64,
    size: u32,
    side: u8,
    used: bool,
}

struct FlatBook {
    slots: Vec<Slot>,
    count: usize,
    /// Price with its sign turned for asks, ascending: the best level is the last.
    levels: [Vec<(i64, u64)>; 2],
}

impl FlatBook {
    fn new() -> Self {
        Self { slots: vec![Slot::default(); 1 << 16], count: 0, levels: [Vec::new(), Vec::new()] }
    }
    fn home(&self, id: u64) -> usize {
        (id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - self.slots.len().trailing_zeros())) as usize
    }
    fn find(&self, id: u64) -> Result<usize, usize> {
        let mask = self.slots.len() - 1;
        let mut at = self.home(id);
        loop {
            let slot = &self.slots[at];
            if !slot.used {
                return Err(at);
            }
            if slot.id == id {
                return Ok(at);
            }
            at = (at + 1) & mask;
        }
    }
    fn grow(&mut self) {
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); 0]);
        self.slots = vec![Slot::default(); old.len() * 2];
        for slot in old.into_iter().filter(|slot| slot.used) {
            if let Err(at) = self.find(slot.id) {
                self.slots[at] = slot;
            }
        }
    }
    fn remove_slot(&mut self, mut hole: usize) {
        let mask = self.slots.len() - 1;
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            if !self.slots[at].used {
                break;
            }
            let home = self.home(self.slots[at].id);
            if (at.wrapping_sub(home) & mask) >= (at.wrapping_sub(hole) & mask) {
                self.slots[hole] = self.slots[at];
                hole = at;
            }
        }
        self.slots[hole].used = false;
        self.count -= 1;
    }
    fn resize(&mut self, side: u8, price: i64, by: i64) {
        let (levels, key) =
            if side == b'B' { (&mut self.levels[0], price) } else { (&mut self.levels[1], -price) };
        let mut at = levels.len();
        while at > 0 && levels[at - 1].0 > key {
            at -= 1;
        }
        if at > 0 && levels[at - 1].0 == key {
            let size = &mut levels[at - 1].1;
            *size = size.wrapping_add_signed(by);
            if *size == 0 {
                levels.remove(at - 1);
            }
        } else {
            levels.insert(at, (key, by as u64));
        }
    }
}

impl Book for FlatBook {
    fn order(&self, id: u64) -> Option<Order> {
        let slot = &self.slots[self.find(id).ok()?];
        Some(Order { side: slot.side, size: slot.size, price: slot.price })
    }
    fn put(&mut self, id: u64, order: Order) {
        if (self.count + 1) * 2 > self.slots.len() {
            self.grow();
        }
        if let Err(at) = self.find(id) {
            self.slots[at] = Slot { id, price: order.price, size: order.size, side: order.side, used: true };
            self.count += 1;
        }
        self.resize(order.side, order.price, i64::from(order.size));
    }
    fn take(&mut self, id: u64) {
        let Ok(at) = self.find(id) else { return };
        let slot = self.slots[at];
        self.remove_slot(at);
        self.resize(slot.side, slot.price, -i64::from(slot.size));
    }
    fn clear(&mut self) {
        *self = Self::new();
    }
    fn best(&self, side: u8) -> Option<i64> {
        if side == b'B' {
            self.levels[0].last().map(|level| level.0)
        } else {
            self.levels[1].last().map(|level| -level.0)
        }
    }
    fn count(&self) -> usize {
        self.count
    }
}

/// FNV-1a over 32-bit words.
const FIRST_HASH: u32 = 2_166_136_261;

fn fold_word(hash: u32, word: u32) -> u32 {
    (hash ^ word).wrapping_mul(16_777_619)
}

fn fold(hash: u32, price: Option<i64>) -> u32 {
    let bits = price.unwrap_or(i64::MAX) as u64;
    fold_word(fold_word(hash, bits as u32), (bits >> 32) as u32)
}

fn apply(book: &mut impl Book, record: &MboMsg) {
    let (id, action, side) = (record.order_id, record.action as u8, record.side as u8);
    match action {
        b'R' => book.clear(),
        b'A' => {
            book.take(id);
            book.put(id, Order { side, size: record.size, price: record.price });
        }
        b'M' => {
            book.take(id);
            if record.size > 0 {
                book.put(id, Order { side, size: record.size, price: record.price });
            }
        }
        b'C' => {
            if let Some(order) = book.order(id) {
                book.take(id);
                if order.size > record.size {
                    book.put(id, Order { size: order.size - record.size, ..order });
                }
            }
        }
        _ => {}
    }
}

/// What is made of the records of a file.
trait Work {
    fn take(&mut self, record: &MboMsg);
    fn hash(&self) -> u32;
    fn orders(&self) -> Option<usize>;
}

/// Sums of fields by 32-bit words, wrapping.
#[derive(Default)]
struct FieldSums([u32; 7]);

impl Work for FieldSums {
    fn take(&mut self, record: &MboMsg) {
        let (price, ts_event) = (record.price, record.hd.ts_event);
        let words = [
            price as u32,
            (price >> 32) as u32,
            record.size,
            record.side as u8 as u32,
            record.action as u8 as u32,
            ts_event as u32,
            (ts_event >> 32) as u32,
        ];
        for (sum, word) in self.0.iter_mut().zip(words) {
            *sum = sum.wrapping_add(word);
        }
    }
    fn hash(&self) -> u32 {
        self.0.iter().copied().fold(FIRST_HASH, fold_word)
    }
    fn orders(&self) -> Option<usize> {
        None
    }
}

struct BestPrices<B: Book> {
    book: B,
    hash: u32,
}

impl<B: Book> BestPrices<B> {
    fn of(book: B) -> Self {
        Self { book, hash: FIRST_HASH }
    }
}

impl<B: Book> Work for BestPrices<B> {
    fn take(&mut self, record: &MboMsg) {
        apply(&mut self.book, record);
        if record.flags.raw() & LAST != 0 {
            self.hash = fold(fold(self.hash, self.book.best(b'B')), self.book.best(b'A'));
        }
    }
    fn hash(&self) -> u32 {
        self.hash
    }
    fn orders(&self) -> Option<usize> {
        Some(self.book.count())
    }
}

fn read(mut decoder: impl DecodeRecord, work: &mut impl Work) -> Result<u64, dbn::Error> {
    let mut records = 0;
    while let Some(record) = decoder.decode_record::<MboMsg>()? {
        records += 1;
        work.take(record);
    }
    Ok(records)
}

fn run(path: &str, mut work: impl Work) -> Result<(), Box<dyn std::error::Error>> {
    let (start, cpu_start) = (Instant::now(), ProcessTime::now());
    let records = if path.ends_with(".zst") {
        read(DbnDecoder::from_zstd_file(path)?, &mut work)?
    } else {
        read(DbnDecoder::from_file(path)?, &mut work)?
    };
    let (seconds, cpu) = (start.elapsed().as_secs_f64(), cpu_start.elapsed().as_secs_f64());
    let orders = work.orders().map_or(String::new(), |count| format!(",\"orders\":{count}"));
    println!(
        "{{\"records\":{records},\"seconds\":{seconds},\"cpuSeconds\":{cpu},\"hash\":\"{:08x}\"{orders}}}",
        work.hash()
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().collect();
    match (words.get(1), words.get(2).map(String::as_str)) {
        (Some(path), Some("fields")) => run(path, FieldSums::default()),
        (Some(path), Some("plain")) => run(path, BestPrices::of(PlainBook::default())),
        (Some(path), Some("flat")) => run(path, BestPrices::of(FlatBook::new())),
        _ => Err("expected: dbn-peer FILE fields|plain|flat".into()),
    }
}
