//! A figure with a few curves, as SVG that stands alone.

use std::fmt::Write as _;

/// The size of a figure and its margins, in pixels.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 56.0;
/// Lines across, besides the axis.
const GRID: usize = 4;
/// Colours that can be told apart without seeing red and green.
const COLOURS: [&str; 3] = ["#0072b2", "#d55e00", "#009e73"];

/// One curve.
pub(super) struct Curve {
    pub(super) name: &'static str,
    pub(super) points: Vec<(f64, f64)>,
}

/// A figure. Both axes begin at zero.
pub(super) struct Chart {
    pub(super) title: &'static str,
    pub(super) across: &'static str,
    pub(super) up: &'static str,
    pub(super) curves: Vec<Curve>,
}

/// The next number with one significant digit of 1, 2 or 5.
fn round_up(number: f64) -> f64 {
    let power = 10_f64.powf(number.max(1e-9).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0];
    let step = steps.into_iter().find(|step| step * power >= number);
    step.unwrap_or(10.0) * power
}

/// A number with blanks between thousands.
fn grouped(number: f64) -> String {
    if number.fract() > 0.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

impl Chart {
    /// The figure.
    pub(super) fn svg(&self) -> String {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let most_x = points().map(|point| point.0).fold(1.0, f64::max);
        let most_y = round_up(points().map(|point| point.1).fold(1.0, f64::max));
        let at_x = |x: f64| LEFT + x / most_x * (WIDTH - LEFT - RIGHT);
        let at_y = |y: f64| HEIGHT - BOTTOM - y / most_y * (HEIGHT - TOP - BOTTOM);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
             <title>{0}</title>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
             <text x=\"{LEFT}\" y=\"18\" font-size=\"14\">{0}</text>\n",
            self.title
        );
        // Writing to a string does not fail.
        for n in 0..=GRID {
            let part = n as f64 / GRID as f64;
            let (y, x) = (at_y(most_y * part), at_x(most_x * part));
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {y:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
                 <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                y + 4.0,
                grouped(most_y * part),
                HEIGHT - BOTTOM + 18.0,
                grouped((most_x * part).round())
            );
        }
        for ((n, curve), colour) in self.curves.iter().enumerate().zip(COLOURS) {
            let line: Vec<String> = curve
                .points
                .iter()
                .map(|(x, y)| format!("{:.1},{:.1}", at_x(*x), at_y(*y)))
                .collect();
            let _ = writeln!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{}</text>",
                line.join(" "),
                LEFT + 12.0,
                HEIGHT - BOTTOM - 12.0 - 16.0 * n as f64,
                curve.name
            );
        }
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
             <text x=\"{LEFT}\" y=\"34\" fill=\"#555\">{}</text>\n</svg>",
            (LEFT + WIDTH - RIGHT) / 2.0,
            HEIGHT - 14.0,
            self.across,
            self.up
        );
        svg
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        for (number, round) in [
            (0.7, 1.0),
            (1.0, 1.0),
            (1.1, 2.0),
            (34.0, 50.0),
            (501.0, 1_000.0),
        ] {
            assert!((round_up(number) - round).abs() < 1e-9, "{number}");
        }
        assert_eq!(grouped(1_250_000.0), "1 250 000");
        assert_eq!(grouped(12.5), "12.5");
    }
}
