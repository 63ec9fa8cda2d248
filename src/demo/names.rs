//! Invented persons and addresses. Nobody here lives: the IINs are those of people born in the 1800s, with a right
//! control digit, and the streets are called Example, Sample and Trial.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::agenda::Chance;

const MEN: [&str; 14] = [
    "Арман",
    "Бауыржан",
    "Дәулет",
    "Ерлан",
    "Жандос",
    "Қанат",
    "Мұрат",
    "Нұрлан",
    "Олжас",
    "Серік",
    "Тимур",
    "Андрей",
    "Павел",
    "Рустам",
];
const WOMEN: [&str; 14] = [
    "Айгүл",
    "Ботагөз",
    "Гүлнар",
    "Динара",
    "Жанар",
    "Қарлығаш",
    "Мәдина",
    "Назгүл",
    "Сәуле",
    "Толқын",
    "Ұлжан",
    "Елена",
    "Наталья",
    "Ирина",
];
const FAMILIES: [&str; 16] = [
    "Үлгібаев",
    "Мысалов",
    "Сынақов",
    "Ойданов",
    "Болмысов",
    "Аңызбеков",
    "Ертегиев",
    "Қиялов",
    "Примеров",
    "Образцов",
    "Выдуманов",
    "Небывалов",
    "Сказкин",
    "Үлгілов",
    "Мысалбаев",
    "Елесов",
];
const FATHERS: [&str; 10] = [
    "Асқар",
    "Болат",
    "Ғабит",
    "Ермек",
    "Қайрат",
    "Марат",
    "Өмір",
    "Сәкен",
    "Талғат",
    "Шерхан",
];
const STREETS: [&str; 6] = [
    "Үлгі көшесі",
    "Мысал көшесі",
    "Сынақ даңғылы",
    "улица Примерная",
    "улица Образцовая",
    "Ертегі көшесі",
];

/// A source of invented persons; no IIN twice.
pub(super) struct Names {
    chance: Chance,
    iins: HashSet<String>,
}

impl Names {
    /// From draws of its own.
    pub(super) fn new(chance: Chance) -> Self {
        Self {
            chance,
            iins: HashSet::new(),
        }
    }

    /// The personal values of a person.
    pub(super) fn person(&mut self) -> Value {
        let woman = self.chance.once_in(2);
        let (given, ending, child) = if woman {
            (*self.chance.one_of(&WOMEN), "а", "қызы")
        } else {
            (*self.chance.one_of(&MEN), "", "ұлы")
        };
        let family = *self.chance.one_of(&FAMILIES);
        let father = *self.chance.one_of(&FATHERS);
        let document = format!("N{:08}", self.chance.below(100_000_000));
        json!({
            "name": format!("{family}{ending} {given} {father}{child}"),
            "iin": self.iin(woman),
            "document": document,
        })
    }

    fn iin(&mut self, woman: bool) -> String {
        loop {
            let (year, month) = (self.chance.span(0, 99), self.chance.span(1, 12));
            let (day, serial) = (self.chance.span(1, 28), self.chance.below(10_000));
            let century = if woman { 2 } else { 1 };
            let digits = format!("{year:02}{month:02}{day:02}{century}{serial:04}");
            let Some(control) = control_digit(&digits) else {
                continue;
            };
            let iin = format!("{digits}{control}");
            if self.iins.insert(iin.clone()) {
                return iin;
            }
        }
    }

    /// The personal values of a dwelling.
    pub(super) fn address(&mut self) -> Value {
        let street = *self.chance.one_of(&STREETS);
        let (house, flat) = (self.chance.span(1, 199), self.chance.span(1, 120));
        json!({"address": format!("{street}, {house} үй, {flat} пәтер")})
    }
}

/// The control digit of the first eleven digits of an IIN: weights 1 to 11; where that gives 10, weights 3 to 11, 1, 2.
/// `None` for a number that is not used.
pub(super) fn control_digit(digits: &str) -> Option<u32> {
    let sum = |weights: [u32; 11]| {
        let digits = digits.chars().filter_map(|digit| digit.to_digit(10));
        digits
            .zip(weights)
            .map(|(digit, weight)| digit * weight)
            .sum::<u32>()
            % 11
    };
    match sum([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) {
        10 => Some(sum([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2])).filter(|control| *control < 10),
        control => Some(control),
    }
}
