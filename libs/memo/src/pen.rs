//! What a page is drawn with: texts that fit, lines and shapes, and what each of them is to who listens.

use krilla::color::rgb::Color;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Node, SpanTag, TagGroup, TagKind};

use crate::font::{Fonts, Weight};

/// How a text looks.
#[derive(Clone, Copy)]
pub(crate) struct Type {
    pub(crate) weight: Weight,
    /// In points.
    pub(crate) size: f32,
    pub(crate) color: Color,
}

impl Type {
    pub(crate) fn regular(size: f32, color: Color) -> Self {
        let weight = Weight::Regular;
        Self {
            weight,
            size,
            color,
        }
    }

    pub(crate) fn strong(size: f32, color: Color) -> Self {
        let weight = Weight::Strong;
        Self {
            weight,
            size,
            color,
        }
    }

    /// From one baseline to the next.
    pub(crate) fn leading(self) -> f32 {
        1.4 * self.size
    }
}

/// Which part of a text stands at its place.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    /// Its start.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// Draws on one page; x grows to the right and y down, in points.
pub(crate) struct Pen<'a, 's> {
    surface: &'a mut Surface<'s>,
    fonts: &'a Fonts,
    /// Groups that are open, the innermost last; the first is the page itself.
    open: Vec<Vec<Node>>,
    /// Whether what is drawn belongs to something that is already tagged.
    is_tagged: bool,
}

impl<'a, 's> Pen<'a, 's> {
    pub(crate) fn new(surface: &'a mut Surface<'s>, fonts: &'a Fonts) -> Self {
        Self {
            surface,
            fonts,
            open: vec![Vec::new()],
            is_tagged: false,
        }
    }

    pub(crate) fn fonts(&self) -> &'a Fonts {
        self.fonts
    }

    /// What was drawn, in reading order.
    pub(crate) fn tags(mut self) -> Vec<Node> {
        self.open.pop().unwrap_or_default()
    }

    /// Draws a part that consists of parts.
    pub(crate) fn group(&mut self, tag: impl Into<TagKind>, draw: impl FnOnce(&mut Self)) {
        self.open.push(Vec::new());
        draw(self);
        let children = self.open.pop().unwrap_or_default();
        // An empty group would be a fault of the document.
        if !children.is_empty() {
            self.note(TagGroup::with_children(tag, children).into());
        }
    }

    /// Draws a picture as one thing.
    pub(crate) fn picture(&mut self, tag: impl Into<TagKind>, draw: impl FnOnce(&mut Self)) {
        self.group(tag, |pen| pen.content(ContentTag::Other, draw));
    }

    /// Draws what a listener need not hear: rules, grounds, what stands on every page.
    pub(crate) fn aside(&mut self, kind: ArtifactType, draw: impl FnOnce(&mut Self)) {
        if self.is_tagged {
            return draw(self);
        }
        let artifact = Artifact::with_kind(kind);
        let _ = self.surface.start_tagged(ContentTag::Artifact(artifact));
        self.is_tagged = true;
        draw(self);
        self.is_tagged = false;
        self.surface.end_tagged();
    }

    fn content(&mut self, tag: ContentTag<'_>, draw: impl FnOnce(&mut Self)) {
        if self.is_tagged {
            return draw(self);
        }
        let id = self.surface.start_tagged(tag);
        self.is_tagged = true;
        draw(self);
        self.is_tagged = false;
        self.surface.end_tagged();
        self.note(id.into());
    }

    fn note(&mut self, node: Node) {
        if let Some(innermost) = self.open.last_mut() {
            innermost.push(node);
        }
    }

    /// How wide a text is.
    pub(crate) fn width(&self, look: Type, text: &str) -> f32 {
        self.fonts.shape(look.weight, text).width * look.size
    }

    /// A text on one line, its baseline at a place.
    pub(crate) fn text(&mut self, [x, y]: [f32; 2], anchor: Anchor, look: Type, text: &str) {
        let shaped = self.fonts.shape(look.weight, text);
        if shaped.glyphs.is_empty() {
            return;
        }
        let width = shaped.width * look.size;
        let x = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        };
        self.content(ContentTag::Span(SpanTag::empty()), |pen| {
            pen.surface.set_stroke(None);
            pen.surface.set_fill(Some(fill(look.color)));
            let (start, size) = (Point::from_xy(x, y), look.size);
            pen.surface.draw_glyphs(
                start,
                &shaped.glyphs,
                shaped.font,
                &shaped.text,
                size,
                false,
            );
        });
    }

    /// A text of some lines from a baseline on, as one part; answers the baseline below it.
    pub(crate) fn paragraph(
        &mut self,
        tag: impl Into<TagKind>,
        [x, y]: [f32; 2],
        look: Type,
        (text, width, most): (&str, f32, usize),
    ) -> f32 {
        let lines = self.lines(look, text, width, most);
        let mut y = y;
        self.group(tag, |pen| {
            let last = lines.len().saturating_sub(1);
            for (index, line) in lines.iter().enumerate() {
                // Words that a break divides are two to who listens.
                let space = if index < last { " " } else { "" };
                pen.text([x, y], Anchor::Start, look, &format!("{line}{space}"));
                y += look.leading();
            }
        });
        y
    }

    /// A rectangle, filled.
    pub(crate) fn fill_box(&mut self, [x, y]: [f32; 2], [width, height]: [f32; 2], color: Color) {
        let Some(rect) = Rect::from_xywh(x, y, width.max(0.0), height.max(0.0)) else {
            return;
        };
        let mut path = PathBuilder::new();
        path.push_rect(rect);
        self.draw(path, Some(color), None);
    }

    /// A line through points.
    pub(crate) fn line_through(&mut self, points: &[[f32; 2]], color: Color, width: f32) {
        self.draw(through(points), None, Some(stroke(color, width)));
    }

    /// A dashed line between two points.
    pub(crate) fn dashed(&mut self, ends: [[f32; 2]; 2], color: Color, width: f32) {
        let dash = StrokeDash {
            array: vec![2.0, 2.0],
            offset: 0.0,
        };
        let stroke = Stroke {
            dash: Some(dash),
            ..stroke(color, width)
        };
        self.draw(through(&ends), None, Some(stroke));
    }

    /// The ground within points, filled.
    pub(crate) fn area(&mut self, points: &[[f32; 2]], color: Color) {
        let mut path = through(points);
        path.close();
        self.draw(path, Some(color), None);
    }

    /// A dot, filled or hollow.
    pub(crate) fn dot(&mut self, middle: [f32; 2], radius: f32, color: Color, is_filled: bool) {
        let outline = (!is_filled).then(|| stroke(color, (radius / 4.0).clamp(0.5, 1.4)));
        let ground = if is_filled {
            color
        } else {
            crate::color::paper()
        };
        self.draw(circle(middle, radius), Some(ground), outline);
    }

    fn draw(&mut self, path: PathBuilder, ground: Option<Color>, outline: Option<Stroke>) {
        let Some(path) = path.finish() else {
            return;
        };
        self.aside(ArtifactType::Layout, |pen| {
            pen.surface.set_fill(ground.map(fill));
            pen.surface.set_stroke(outline);
            pen.surface.draw_path(&path);
        });
    }
}

fn fill(color: Color) -> Fill {
    Fill {
        paint: color.into(),
        ..Fill::default()
    }
}

fn stroke(color: Color, width: f32) -> Stroke {
    Stroke {
        paint: color.into(),
        width,
        ..Stroke::default()
    }
}

fn through(points: &[[f32; 2]]) -> PathBuilder {
    let mut path = PathBuilder::new();
    let mut points = points.iter();
    if let Some([x, y]) = points.next() {
        path.move_to(*x, *y);
    }
    for [x, y] in points {
        path.line_to(*x, *y);
    }
    path
}

/// A circle of four cubic curves, which differ from it by less than a thousandth of its radius.
fn circle([x, y]: [f32; 2], radius: f32) -> PathBuilder {
    let handle = 0.552_284_8 * radius;
    let mut path = PathBuilder::new();
    path.move_to(x + radius, y);
    let turns = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0], [1.0, 0.0]];
    for pair in turns.windows(2) {
        let ([ax, ay], [bx, by]): ([f32; 2], [f32; 2]) = (pair[0], pair[1]);
        path.cubic_to(
            x + ax * radius + bx * handle,
            y + ay * radius + by * handle,
            x + bx * radius + ax * handle,
            y + by * radius + ay * handle,
            x + bx * radius,
            y + by * radius,
        );
    }
    path.close();
    path
}
